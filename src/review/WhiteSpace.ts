/** Text without regard to its white space. */

/** Each run of white space becomes one blank, and those at both ends go. */
export const collapse = (text: string): string => text.trim().replace(/\s{2,}|[^\S ]/g, " ")

export const isBlank = (text: string): boolean => text.trim() === ""
