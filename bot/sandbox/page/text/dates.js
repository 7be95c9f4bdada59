// Slack's dates in text: worded for the reader, in the reader's own time zone.

const DAY_MS = 86_400_000;
const NEAR = new Map([[0, "today"], [1, "yesterday"], [-1, "tomorrow"]]);
const PRETTY = "_pretty";
const DATES = {
  date: { year: "numeric", month: "long", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
};
const TIMES = {
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

// The format, such as "{date_short_pretty} {time}", with its braces filled in; unknown ones stay.
export function dateText(seconds, format) {
  const moment = new Date(seconds * 1000);
  return format.replace(/\{(\w+)\}/g, (written, name) => worded(moment, name) ?? written);
}

function worded(moment, name) {
  if (TIMES[name]) return moment.toLocaleTimeString([], TIMES[name]);
  const isPretty = name.endsWith(PRETTY);
  const options = DATES[isPretty ? name.slice(0, -PRETTY.length) : name];
  return options && ((isPretty && near(moment)) || moment.toLocaleDateString([], options));
}

function near(moment) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  return NEAR.get(Math.round((midnight(Date.now()) - midnight(moment)) / DAY_MS));
}
