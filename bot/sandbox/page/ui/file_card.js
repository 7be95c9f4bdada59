// A file in a message: images inline, everything else as a card that opens the viewer.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { fileSize } from "../lib/time.js";
import { downloadFile, imageKinds, objectUrl } from "./file_content.js";
import { showFile } from "./file_viewer.js";

export function fileCard(file) {
  if (file.mode === "tombstone") return h("div", { class: "file-card gone" }, icon("trash"), h("span", {}, "This file was deleted."));
  const name = file.title || file.name || "File";
  return h(
    "div", { class: "file" },
    imageKinds.has(file.mimetype) && file.size < 8_000_000 ? inlineImage(file, name) : null,
    h(
      "div", { class: "file-card" },
      h(
        "button", { type: "button", class: "file-open", onclick: () => showFile(file), "aria-label": `Open ${name}` },
        h("span", { class: `file-kind kind-${kindOf(file)}`, "aria-hidden": "true" }, extension(file)),
        h("span", { class: "file-words" }, h("span", { class: "file-name" }, name), h("span", { class: "muted" }, describe(file))),
      ),
      h("button", { type: "button", class: "icon-button", "aria-label": `Download ${name}`, title: "Download", onclick: () => downloadFile(file) }, icon("download")),
    ),
  );
}

export const describe = (file) => [file.pretty_type || file.filetype?.toUpperCase(), fileSize(file.size)].filter(Boolean).join(" · ");

const extension = (file) => (/\.([^.\s]{1,5})$/.exec(file.name ?? "")?.[1] || file.filetype || "?").slice(0, 4).toUpperCase();

function kindOf({ mimetype = "" }) {
  if (mimetype.includes("pdf")) return "pdf";
  if (mimetype.startsWith("image/")) return "image";
  if (/sheet|csv|excel/.test(mimetype)) return "sheet";
  if (/presentation|powerpoint/.test(mimetype)) return "slides";
  return "text";
}

function inlineImage(file, name) {
  const image = h("img", { class: "inline-image", alt: name });
  objectUrl(file).then((address) => { image.src = address; }, () => image.closest(".image-button")?.remove());
  return h("button", { type: "button", class: "image-button", "aria-label": `Open ${name}`, onclick: () => showFile(file) }, image);
}
