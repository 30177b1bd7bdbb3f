/** The JSON object in a text that may say something around it, or have it in a code fence; else the text itself. */
export const findJson = (text: string): string => {
  const start = text.indexOf("{")
  const end = text.lastIndexOf("}")
  return start >= 0 && end > start ? text.slice(start, end + 1) : text
}
