// Shows one file: images, PDF and text inside the page, anything else to download.

import { h, replaceContent } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { shortDate } from "../lib/time.js";
import { attempt, toast } from "../lib/toasts.js";
import { call, fileBytes } from "../state/api.js";
import { displayName, isMe, session } from "../state/session.js";
import { showDialog } from "./dialog.js";
import { describe } from "./file_card.js";
import { downloadFile, imageKinds, objectUrl } from "./file_content.js";

const mostText = 200_000; // characters shown of a text file
const isText = ({ mimetype = "", filetype = "" }) =>
  mimetype.startsWith("text/") || /json|xml|yaml|javascript|x-python|x-sh/.test(mimetype) || /^(text|markdown|csv|json|yaml|python|html|eml)$/.test(filetype);

export function showFile(file) {
  const preview = h("div", { class: "file-preview", "aria-busy": "true" }, h("p", { class: "muted" }, "Loading…"));
  const mayDelete = isMe(file.user) || session.me.is_admin;
  const about = h("p", { class: "muted" }, [displayName(file.user), file.created && shortDate(file.created), describe(file)].filter(Boolean).join(" · "));
  const buttons = h(
    "div", { class: "file-buttons" },
    h("button", { type: "button", class: "button", onclick: () => downloadFile(file) }, icon("download"), "Download"),
    mayDelete && h("button", { type: "button", class: "button danger", onclick: () => confirmDelete(file, dialog) }, icon("trash"), "Delete file"),
  );
  const dialog = showDialog({ title: file.title || file.name, body: [h("div", { class: "file-head" }, about, buttons), preview], wide: true });
  contentOf(file)
    .then((content) => replaceContent(preview, content))
    .catch((error) => {
      if (!error.forPeople) throw error;
      replaceContent(preview, h("p", { class: "problem" }, error.message));
    })
    .finally(() => preview.removeAttribute("aria-busy"));
}

async function contentOf(file) {
  if (imageKinds.has(file.mimetype)) return h("img", { src: await objectUrl(file), alt: file.title || file.name });
  if (file.mimetype === "application/pdf") return h("iframe", { src: await objectUrl(file), title: file.title || file.name });
  if (!isText(file)) return h("p", { class: "muted" }, "This kind of file has no preview. Download it to open it.");
  const text = new TextDecoder().decode(await fileBytes(file));
  return h("pre", { tabindex: "0" }, text.length > mostText ? `${text.slice(0, mostText)}\n…` : text);
}

function confirmDelete(file, viewer) {
  const question = showDialog({
    title: "Delete this file?", submit: "Delete", danger: true,
    body: h("p", {}, `“${file.title || file.name}” will be gone for everybody, and Journeyman forgets it.`),
    onSubmit: async () => {
      const done = await attempt(() => call("files.delete", { file: file.id }));
      question.close();
      if (!done) return;
      viewer.close();
      toast("The file was deleted.");
    },
  });
}

// Opens a file by its id, as a file permalink does.
export function showFileById(id) {
  return attempt(async () => {
    const { file } = await call("files.info", { file: id });
    showFile(file);
    return file;
  });
}
