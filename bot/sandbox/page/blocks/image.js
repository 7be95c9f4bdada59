// Images of this workspace are shown; an image elsewhere stays a link, so that reading calls no other server.

import { h } from "../lib/dom.js";
import { localPath } from "../state/api.js";
import { link, safeAddress } from "../text/links.js";

export function imageNode({ image_url: address, slack_file: file, alt_text: alt }, className = "block-image") {
  const href = safeAddress(address ?? file?.url ?? "");
  if (!href) return h("span", { class: "muted" }, alt ?? "Image");
  if (new URL(href).origin === location.origin) return h("img", { class: className, src: localPath(href), alt: alt ?? "" });
  return link(href, alt || "Image");
}
