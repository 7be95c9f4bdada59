// Slack timestamps ("1700000000.000100") as people read them.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", year: "numeric" });

export const dateOf = (ts) => new Date(Number(ts) * 1000);
export const clockTime = (ts) => clock.format(dateOf(ts));
export const shortClock = (ts) => clockTime(ts).replace(/\s?[AP]M$/i, "");
export const fullTime = (ts) => full.format(dateOf(ts));
export const shortDate = (ts) => short.format(dateOf(ts));
export const dayKey = (ts) => dateOf(ts).toDateString();

export function dayName(ts) {
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (dayKey(ts) === today.toDateString()) return "Today";
  if (dayKey(ts) === yesterday.toDateString()) return "Yesterday";
  return day.format(dateOf(ts));
}

export function ago(ts) {
  const minutes = Math.floor((Date.now() - Number(ts) * 1000) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return dayKey(ts) === new Date().toDateString() ? `today at ${clockTime(ts)}` : shortDate(ts);
}

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
