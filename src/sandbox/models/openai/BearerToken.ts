/** Undefined where the header is missing or says something else. */
export const bearerToken = (headers: { readonly [name: string]: string }): string | undefined =>
  /^bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1]
