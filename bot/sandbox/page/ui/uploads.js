// Files on their way into a message: each starts uploading when it is chosen and is shared when the message is sent.

import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { fileSize } from "../lib/time.js";
import { toast } from "../lib/toasts.js";
import { call, localPath } from "../state/api.js";
import { WorkspaceError } from "../state/errors.js";

export class UploadTray {
  #uploads = new Set();

  constructor(onChange) {
    this.element = h("div", { class: "upload-tray", hidden: true, "aria-label": "Files to send" });
    this.onChange = onChange;
  }

  get count() {
    return this.#uploads.size;
  }

  get isUploading() {
    return [...this.#uploads].some((upload) => !upload.done);
  }

  add(files) {
    for (const file of files) this.#start(file);
    this.#changed();
  }

  #start(file) {
    const bar = h("progress", { max: "1", value: 0, "aria-label": `Uploading ${file.name}` });
    const upload = { file, id: null, done: false, request: null };
    upload.node = h(
      "div", { class: "upload" }, icon("file"),
      h("span", { class: "file-words" }, h("span", { class: "file-name" }, file.name), h("span", { class: "muted" }, fileSize(file.size)), bar),
      h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${file.name}`, onclick: () => this.#drop(upload) }, icon("close")),
    );
    this.#uploads.add(upload);
    this.element.append(upload.node);
    this.#send(upload, bar).catch((error) => {
      if (!this.#uploads.has(upload)) return;
      if (!error.forPeople) throw error;
      toast(`${file.name}: ${error.message}`, "error");
      this.#drop(upload);
    });
  }

  async #send(upload, bar) {
    if (!upload.file.size) throw new WorkspaceError("empty_file");
    const { upload_url: address, file_id: id } = await call("files.getUploadURLExternal", { filename: upload.file.name, length: upload.file.size });
    if (!this.#uploads.has(upload)) return;
    await sendBytes(upload, localPath(address), (share) => { bar.value = share; });
    upload.id = id;
    upload.done = true;
    bar.remove();
    this.#changed();
  }

  #drop(upload) {
    upload.request?.abort();
    upload.node.remove();
    this.#uploads.delete(upload);
    this.#changed();
  }

  #changed() {
    this.element.hidden = !this.#uploads.size;
    this.onChange();
  }

  // Shares everything that was uploaded as one message.
  async share(channel, { text, threadTs }) {
    const ready = [...this.#uploads];
    const files = ready.map((upload) => ({ id: upload.id, title: upload.file.name }));
    await call("files.completeUploadExternal", { files, channel_id: channel, thread_ts: threadTs, initial_comment: text || undefined });
    for (const upload of ready) this.#drop(upload);
  }
}

// fetch cannot report how much was sent; XMLHttpRequest can.
function sendBytes(upload, path, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(new WorkspaceError(request.status === 413 ? "file_too_large" : "upload_failed")));
    request.onerror = () => reject(new WorkspaceError("unreachable"));
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(upload.file);
  });
}
