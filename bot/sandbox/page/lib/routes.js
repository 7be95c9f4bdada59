// Addresses inside this workspace: what they point at, and how the address bar follows the reader.

import { emit } from "./events.js";

const archive = /^\/archives\/([^/]+)\/p(\d{7,})$/;
const channelOnly = /^\/archives\/([^/]+)\/?$/;
const filePage = /^\/files\/([^/]+)\/([^/]+)(?:\/.*)?$/;
const loopback = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0"]);

// {message|channel|file|home: …} when the address belongs to this workspace, else null.
export function placeOf(address) {
  let url;
  try {
    url = new URL(address, location.origin);
  } catch {
    return null;
  }
  if (!isHere(url)) return null;
  const [, channel, digits] = archive.exec(url.pathname) ?? [];
  if (channel) {
    const ts = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
    return { channel, ts, threadTs: url.searchParams.get("thread_ts") ?? undefined };
  }
  const file = filePage.exec(url.pathname)?.[2];
  if (file) return { file };
  const bare = channelOnly.exec(url.pathname)?.[1] ?? /^#\/([A-Z][A-Z0-9]+)$/.exec(url.hash)?.[1];
  if (bare) return { channel: bare };
  if (url.hash === "#/home") return { home: true };
  return url.pathname === "/" ? {} : null;
}

function isHere(url) {
  if (url.origin === location.origin) return true;
  const bothLocal = loopback.has(url.hostname) && loopback.has(location.hostname);
  return bothLocal && url.port === location.port && url.protocol === location.protocol;
}

export const go = (place) => emit("go", place);

export function showInAddressBar(address) {
  const asked = new URLSearchParams(location.search).get("as");
  const target = asked ? `/?as=${encodeURIComponent(asked)}${address.slice(1)}` : address;
  if (location.pathname + location.search + location.hash !== target) history.pushState(null, "", target);
}
