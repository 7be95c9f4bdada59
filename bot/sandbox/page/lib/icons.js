// Line icons drawn for this page (20 × 20, current colour).

const paths = {
  hash: "M4 7h12M4 13h12M8.5 3 7 17M13 3l-1.5 14",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5 5 15",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  back: "M12 4l-6 6 6 6",
  chevron: "M5.5 8l4.5 4.5L14.5 8",
  check: "M4 10.5l4 4 8-9",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0zm0 0v1.2a2.2 2.2 0 0 0 4.4 0V10A7.4 7.4 0 1 0 14 16.2",
  smile: "M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0zM6.8 11.8a3.8 3.8 0 0 0 6.4 0M7.5 7.6v.6M12.5 7.6v.6",
  paperclip: "M16.5 9.5l-6.6 6.6a4 4 0 0 1-5.7-5.7l6.9-6.9a2.7 2.7 0 0 1 3.8 3.8L8 14.2a1.3 1.3 0 0 1-1.9-1.9l6-6",
  send: "M3 4l14.5 6L3 16l2.4-6zM5.4 10H11",
  reply: "M4 4h12a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1H9.5L6 17v-3.5H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM6.5 7.5h7M6.5 10.3h4.5",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  info: "M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0zM10 9.2V14M10 6.3v.1",
  people: "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c.3-3 2.5-4.5 5.5-4.5s5.2 1.5 5.5 4.5M13 4a2.8 2.8 0 0 1 0 5.3M15 12.3c1.8.6 2.8 2 3 4.2",
  download: "M10 3v9.5M6 9l4 4 4-4M4 16.5h12",
  file: "M5 2.5h6.5L15.5 7v10.5H5zM11.5 2.5V7h4",
  image: "M3 4h14v12H3zM3 13.5l4-4 3.5 3.5 2.5-2.5 4 4M12.5 7.5h.01",
  home: "M3 9.5L10 3.5l7 6M5 8v8.5h10V8M8.5 16.5V12h3v4.5",
  thumbUp: "M6.5 9.5v7H3.5v-7zM6.5 9.5l3.3-6.3c1.5 0 2.2 1 1.9 2.5l-.5 2.6h4c1.2 0 1.9 1 1.6 2.1l-1.2 4.7c-.2.9-.9 1.4-1.8 1.4H6.5",
  thumbDown: "M13.5 10.5v-7h3v7zM13.5 10.5l-3.3 6.3c-1.5 0-2.2-1-1.9-2.5l.5-2.6h-4c-1.2 0-1.9-1-1.6-2.1l1.2-4.7c.2-.9.9-1.4 1.8-1.4h7.3",
  newTab: "M11 3.5h5.5V9M16.5 3.5l-7 7M14 11.5v5H3.5V6h5",
  bulb: "M7.5 14.5h5M8.3 17h3.4M10 2.8a5 5 0 0 0-3 9c.5.5.7 1 .7 1.7h4.6c0-.7.2-1.2.7-1.7a5 5 0 0 0-3-9z",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM12.2 10a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0z",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11",
  compass: "M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0zM13 7l-1.8 4.2L7 13l1.8-4.2z",
};

const namespace = "http://www.w3.org/2000/svg";

export function icon(name, className = "") {
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name} ${className}`.trim());
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
