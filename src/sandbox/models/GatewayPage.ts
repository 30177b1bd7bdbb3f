/** What a proxy before a vendor answers in the vendor's stead. A client must not count on JSON. */
export const gatewayPage = (status: number, title: string): string =>
  [
    "<html>",
    `<head><title>${status} ${title}</title></head>`,
    "<body>",
    `<center><h1>${status} ${title}</h1></center>`,
    "</body>",
    "</html>",
    ""
  ].join("\r\n")
