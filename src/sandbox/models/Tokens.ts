/**
 * How many tokens a text has in the sandbox's accounts: a quarter of its UTF-8 bytes, rounded up. No vendor counts so;
 * a test can predict it.
 */
export const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)
