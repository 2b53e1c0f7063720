/** A page as a document, which runs nothing: a page's policy lets no script make one out of text. Null where the server gives none, or none in time. */
export function pageAt(address: string): Promise<Document | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.timeout = 30_000;
    request.onload = () => { resolve(request.response as Document | null); };
    request.onerror = request.ontimeout = () => { resolve(null); };
    request.send();
  });
}
