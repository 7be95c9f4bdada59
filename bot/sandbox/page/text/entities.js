// Slack escapes exactly three characters in message text.

const named = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

export const unescapeText = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => named[entity]);
export const escapeText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
