// The bytes of a file, fetched with the person's token. Only harmless kinds are ever shown inside the page.

import { h } from "../lib/dom.js";
import { attempt } from "../lib/toasts.js";
import { fileBytes } from "../state/api.js";

export const imageKinds = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const urls = new Map(); // file id → address of its bytes in this tab

export function objectUrl(file) {
  if (!urls.has(file.id)) {
    const pending = fileBytes(file).then((bytes) => URL.createObjectURL(new Blob([bytes], { type: shownType(file) })));
    pending.catch(() => urls.delete(file.id));
    urls.set(file.id, pending);
  }
  return urls.get(file.id);
}

// Never the type that the uploader claims: a web page or an SVG would run as part of this page.
function shownType({ mimetype }) {
  return imageKinds.has(mimetype) || mimetype === "application/pdf" ? mimetype : "application/octet-stream";
}

export function downloadFile(file) {
  return attempt(async () => {
    const address = await objectUrl(file);
    h("a", { href: address, download: file.name || "file" }).click();
  });
}

export function forgetFiles() {
  for (const pending of urls.values()) pending.then((address) => URL.revokeObjectURL(address), () => {});
  urls.clear();
}
