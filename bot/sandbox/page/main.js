// Starts the page, and decides what is in view.

import { h, replaceContent } from "./lib/dom.js";
import { emit, on } from "./lib/events.js";
import { go, placeOf, showInAddressBar } from "./lib/routes.js";
import { attempt, toast } from "./lib/toasts.js";
import { act } from "./state/api.js";
import { conversation, countUnread, directWith, loadConversations, myChannels, noteArrival } from "./state/conversations.js";
import { forgetMessages, isReply, loadHistory, loadThread, message } from "./state/messages.js";
import { forgetPresence } from "./state/presence.js";
import { actAs, boot, isBot, isMe, knownUser, refreshPeople, session } from "./state/session.js";
import { connect } from "./state/socket.js";
import { connectionBanner } from "./ui/banner.js";
import { ChannelView } from "./ui/channel_view.js";
import { forgetFiles } from "./ui/file_content.js";
import { showFileById } from "./ui/file_viewer.js";
import { HomeView } from "./ui/home_view.js";
import { Sidebar } from "./ui/sidebar.js";
import { ThreadPane } from "./ui/thread_pane.js";
import { closeAllViews, showViewsOfTheBot } from "./ui/view_dialogs.js";

const app = document.getElementById("app");
let sidebar;
let main;
let view = null;
let thread = null;

async function start() {
  const booted = await attempt(async () => { await boot(); return true; });
  if (!booted) {
    replaceContent(app, h("div", { class: "start-problem" }, h("p", {}, "The workspace does not answer. Start the sandbox, then reload this page.")));
    return;
  }
  sidebar = new Sidebar();
  main = h("main", { class: "main" });
  const shade = h("div", { class: "shade", onclick: () => emit("drawer", false) });
  replaceContent(app, connectionBanner(), h("div", { class: "layout" }, sidebar.element, shade, main));
  listen();
  showViewsOfTheBot();
  await enter(placeOf(location.href) ?? {});
}

function listen() {
  on("go", show);
  on("arrived", arrived);
  on("conversations", leaveWhatIsGone);
  on("drawer", (open) => app.classList.toggle("drawer-open", open));
  on("connection", ({ live, again }) => live && again && catchUp());
  on("act-as", async (person) => {
    const place = whereNow();
    actAs(person);
    history.replaceState(null, "", "/"); // the address may name the person before
    await enter(place);
  });
  on("status", ({ channel, threadTs }) => openOwnQuestion(channel, threadTs));
  addEventListener("popstate", () => show(placeOf(location.href) ?? {}));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && view?.channel && emit("messages", view.channel));
}

// Loads everything afresh for the person acted as, and shows a place that they may see.
async function enter(place) {
  closeView();
  closeAllViews();
  forgetMessages();
  forgetPresence();
  forgetFiles();
  document.title = `${session.team.name} – ${session.me.real_name || session.me.name}`;
  await attempt(async () => {
    await refreshPeople();
    await loadConversations();
    connect();
    await countUnread();
  });
  await show(place.channel && !conversation(place.channel) ? {} : place);
}

// After a lost connection: fetches what was missed, and leaves everything that is open where it is.
function catchUp() {
  return attempt(async () => {
    forgetMessages();
    await loadConversations();
    await countUnread();
    if (view?.channel && conversation(view.channel)) await loadHistory(view.channel);
    if (thread) await loadThread(thread.channel, thread.rootTs);
  });
}

// The channel in view may be taken away: one was removed from it, or it was deleted.
function leaveWhatIsGone() {
  if (!view?.channel || conversation(view.channel)) return;
  toast("You can no longer see that conversation.");
  closeView();
  go({});
}

function whereNow() {
  if (view instanceof HomeView) return { home: true };
  return view ? { channel: view.channel, thread: thread?.rootTs } : {};
}

// place: {channel, ts?, threadTs?, thread?, focus?}, {home}, {file} or {} for wherever to begin
async function show(place) {
  if (place.file) {
    if (!view) await showChannel(firstChannel());
    await showFileById(place.file);
    return;
  }
  if (place.home && session.bot) {
    showHome();
    return;
  }
  const channel = place.channel ?? firstChannel();
  if (place.channel && !conversation(channel)) {
    toast("That conversation does not exist, or you may not see it.", "error");
    if (!view) await showChannel(firstChannel());
    return;
  }
  await showChannel(channel);
  if (place.thread) openThread(channel, place.thread, place.focus !== false);
  if (place.ts) await reveal(channel, place.ts, place.threadTs);
}

const firstChannel = () => (myChannels().find((one) => one.is_general) ?? myChannels()[0])?.id ?? null;

async function showChannel(channel) {
  if (!channel || (view instanceof ChannelView && view.channel === channel)) return;
  closeView();
  view = new ChannelView(channel);
  main.replaceChildren(view.element);
  sidebar.select({ channel });
  showInAddressBar(`/#/${channel}`);
  if (directWith(session.bot?.user_id)?.id === channel) attempt(() => act("home", { tab: "messages" }));
  await view.load();
  view?.focus();
}

function showHome() {
  if (view instanceof HomeView) return;
  closeView();
  view = new HomeView();
  main.replaceChildren(view.element);
  sidebar.select({ home: true });
  showInAddressBar("/#/home");
  view.load();
}

function closeView() {
  closeThread();
  view?.close();
  view = null;
}

function openThread(channel, rootTs, focus) {
  if (thread?.channel === channel && thread.rootTs === rootTs) {
    if (focus) thread.focus();
    return null;
  }
  closeThread();
  thread = new ThreadPane(channel, rootTs, () => { closeThread(); view?.focus(); });
  main.append(thread.element);
  main.classList.add("with-thread");
  const loading = thread.load();
  if (focus) thread.focus();
  return loading;
}

function closeThread() {
  thread?.close();
  thread = null;
  main?.classList.remove("with-thread");
}

async function reveal(channel, ts, threadTs) {
  const found = await view.reveal(ts, threadTs);
  if (!found) {
    if (found === null) toast("That message no longer exists.", "error");
    return;
  }
  if (!isReply(found)) return;
  await openThread(channel, found.thread_ts, false);
  thread.reveal(ts);
}

function arrived({ channel, message: fresh }) {
  const inView = view?.channel === channel && document.visibilityState === "visible";
  if (!inView && !isReply(fresh)) noteArrival(channel, fresh);
  if (!knownUser(fresh.user)) attempt(refreshPeople).then(() => emit("messages", channel));
  if (isReply(fresh) && isBot(fresh.user)) openOwnQuestion(channel, fresh.thread_ts);
}

// The answer to one's own question opens by itself, where there is room and no other thread is being read.
function openOwnQuestion(channel, rootTs) {
  if (!rootTs || thread || view?.channel !== channel || innerWidth < 1060) return;
  const root = message(channel, rootTs);
  if (root && isMe(root.user)) openThread(channel, rootTs, false);
}

start();
