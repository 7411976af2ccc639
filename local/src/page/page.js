const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const filters = byId("filters");
const CHANNELS = ["sms", "push"];
const FATES = ["sent", "waiting", "withheld"];

let language = asked.get("lang") ?? remembered() ?? "en";
if (!STRINGS[language]) language = "en";
let fate = FATES.includes(asked.get("show")) ? asked.get("show") : "sent";
let overview = null;
let older = null;
let paged = false;
let drawn = new Map();
let question = 0;

function remembered() {
  try { return localStorage.getItem("language"); } catch { return null; }
}

function say() { return STRINGS[language]; }
function locale() { return language === "zh" ? "zh-CN" : "en-US"; }
function count(number) { return new Intl.NumberFormat(locale()).format(number); }

function when(at, zone, parts) {
  return new Intl.DateTimeFormat(parts.locale ?? locale(), { timeZone: zone, hourCycle: "h23", ...parts }).format(new Date(at));
}
const CLOCK = { hour: "2-digit", minute: "2-digit" };
const DAY = { year: "numeric", month: "long", day: "numeric" };
const SHORT_DAY = { year: "numeric", month: "short", day: "numeric" };

function city(zone) {
  return say().cities[zone] ?? zone.split("/").pop().replaceAll("_", " ");
}
function kindName(kind) { return say().kinds[kind] ?? kind.replaceAll("-", " "); }
function channelName(channel) { return CHANNELS.includes(channel) ? say()[channel] : channel; }

/** An element with attributes and children; text is always text, never markup. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "style") Object.entries(value).forEach(([key, set]) => element.style.setProperty(key, set));
    else if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/* Totals */

function drawOverview() {
  const { programme, zone, phase, progress, summary } = overview;
  byId("programme").textContent = programme;
  document.title = `${programme} · Regulars`;
  const day = (at, parts) => when(at, zone, parts);
  const last = new Date(new Date(progress.end) - 1);
  byId("period").textContent = say().period(day(progress.start, DAY), day(last, DAY));
  const length = new Date(progress.end) - new Date(progress.start);
  const share = length > 0 ? Math.min(1, Math.max(0, (new Date(progress.now) - new Date(progress.start)) / length)) : 1;
  const percent = new Intl.NumberFormat(locale(), { style: "percent" }).format(share);
  const status = { preparing: say().preparing, finished: say().finished, playing: say().playing(day(progress.now, SHORT_DAY), percent) };
  showStatus(phase, status[phase]);
  byId("progress").value = Math.round(share * 1000);
  byId("progress").hidden = phase !== "playing";
  drawTiles(summary);
  drawTiers(summary?.tiers ?? {});
  drawTabs(summary?.messages);
  byId("made-up").textContent = summary?.made_up.statement ?? "";
}

function showStatus(phase, text) {
  byId("status").dataset.phase = phase;
  // A screen reader hears of a new phase, not of each day.
  byId("status-text").setAttribute("aria-live", phase === "playing" ? "off" : "polite");
  byId("status-text").textContent = text;
}

function drawTiles(summary) {
  const messages = summary?.messages;
  const perActivity = summary?.units.members_write_per_activity;
  const values = {
    members: summary?.members, outstanding: summary?.points.outstanding, sent: messages?.sent, deferred: messages?.deferred,
    suppressed: messages?.suppressed, parts: summary?.sms_parts,
  };
  const shown = Object.entries(values).map(([name, value]) => [name, value === undefined ? "–" : count(value)]);
  shown.push(["units", perActivity ? new Intl.NumberFormat(locale(), { maximumFractionDigits: 2, minimumFractionDigits: 2 }).format(perActivity) : "–"]);
  byId("tiles").replaceChildren(...shown.map(([name, value]) => make("div", null, make("dt", null, say().tiles[name]), make("dd", null, value))));
}

function drawTiers(tiers) {
  const all = Object.entries(tiers);
  const total = all.reduce((sum, [, members]) => sum + members, 0);
  byId("tiers").hidden = total === 0;
  const colour = (nth) => `var(--tier-${Math.min(nth + 1, 5)})`;
  byId("tier-bar").replaceChildren(...all.flatMap(([, members], nth) =>
    members === 0 ? [] : [make("span", { style: { "flex-grow": String(members), background: colour(nth) } })]));
  const share = new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 });
  byId("tier-names").replaceChildren(...all.map(([name, members], nth) =>
    make("li", { style: { "--colour": colour(nth) } }, name, make("b", null, count(members)), ` (${share.format(members / total)})`)));
}

function drawTabs(messages) {
  const counts = { sent: messages?.sent, waiting: messages?.waiting };
  if (messages) counts.withheld = messages.suppressed + messages.merged + messages.failed + messages.unknown;
  const tabs = byId("tabs");
  if (!tabs.childElementCount) {
    tabs.append(...FATES.map((name) => make("button", { type: "button", "data-fate": name, onclick: () => { fate = name; ask(); drawTabs(overview?.summary?.messages); } })));
  }
  for (const tab of tabs.children) {
    const name = tab.dataset.fate;
    tab.setAttribute("aria-pressed", String(name === fate));
    tab.replaceChildren(say().tabs[name], make("span", null, counts[name] === undefined ? "" : count(counts[name])));
  }
}

/* Messages */

function senderOf(message) { return message.sender ?? overview?.programme ?? say().sms_from; }

function strip(message) {
  const icons = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icons.setAttribute("viewBox", "0 0 44 11");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M0 7h2.6v4H0zM4 5h2.6v6H4zM8 2.500h2.600v8.500H8zM12 0h2.600v11H12zM21 0h17a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H21a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3zm.5 2a1.500 1.500 0 0 0-1.500 1.500v4a1.500 1.500 0 0 0 1.500 1.500h12V2zM42 4c1.300.200 1.300 2.800 0 3z");
  path.setAttribute("fill-rule", "evenodd");
  icons.append(path);
  return make("div", { class: "strip", "aria-hidden": "true" }, make("span", null, when(message.at, message.zone, CLOCK)), icons);
}

function bubble(message) {
  return make("p", { class: "bubble", lang: message.locale }, message.text ?? "");
}

function note(message, time) {
  return make("div", { class: "note", lang: message.locale },
    make("div", { class: "app" }, make("b", null, overview?.programme ?? ""), make("span", { lang: locale() }, time)),
    message.title ? make("strong", null, message.title) : null, message.text ?? "");
}

function inbox(sender, talk, scrolls = false) {
  return [make("div", { class: "from" }, make("span", { class: "face", "aria-hidden": "true" }, [...sender][0] ?? ""), make("b", null, sender)),
    make("div", scrolls ? { class: "talk", tabindex: "0", role: "group", "aria-label": sender } : { class: "talk" }, ...talk)];
}

const WALLS = ["#1d4d6b,#3d2a63", "#7a2f2a,#3b1d45", "#1f5a4a,#17324f", "#5a3a1c,#6b2440", "#2e3f78,#14584f", "#4b2a6e,#8a3550"];

function wall(member) {
  const sum = [...member].reduce((hash, letter) => (hash * 31 + letter.codePointAt(0)) >>> 0, 7);
  return `linear-gradient(160deg, ${WALLS[sum % WALLS.length]})`;
}

/** One message in one phone. */
function phone(message) {
  const push = message.channel === "push";
  const date = { weekday: "long", month: "long", day: "numeric" };
  const screen = push
    ? make("div", { class: "screen lock", style: { "--wall": wall(message.member) } }, strip(message),
      make("div", { class: "when", "aria-hidden": "true" }, make("span", null, when(message.at, message.zone, date)), make("b", null, when(message.at, message.zone, CLOCK))),
      note(message, say().now), make("span", { class: "screen-edge" }))
    : make("div", { class: "screen" }, strip(message),
      ...inbox(senderOf(message), [make("time", { datetime: message.at }, when(message.at, message.zone, { ...SHORT_DAY, ...CLOCK })), bubble(message)]));
  return make("li", null, make("article", { class: "phone", "aria-label": `${kindName(message.kind)}, ${say().member(message.member)}` }, screen), about(message));
}

function about(message) {
  const parts = message.channel === "sms" ? ` · ${say().parts(message.parts)}` : "";
  return make("div", { class: "about" },
    make("p", { class: "what" }, `${kindName(message.kind)} · ${channelName(message.channel)}${parts}`),
    make("p", null, who(message), ` ${message.phone_masked}`),
    make("p", null, `${city(message.zone)}, ${when(message.at, message.zone, { ...SHORT_DAY, ...CLOCK })}`),
    ...tags(message));
}

function tags(message) {
  const tags = [];
  if (message.was_deferred) tags.push(say().waited);
  if (message.undelivered) tags.push(say().undelivered[message.undelivered] ?? say().undelivered.other(message.undelivered));
  return tags.map((text) => make("span", { class: "tag" }, text));
}

function who(message) {
  return make("button", { type: "button", class: "who", onclick: () => { filters.elements.member.value = message.member; ask(); byId("messages").focus(); } }, say().member(message.member));
}

/** All of a member's messages in one phone, oldest on top as in a conversation. */
function thread(messages) {
  const newest = messages[0];
  const talk = [...messages].reverse().flatMap((message) => {
    const words = [kindName(message.kind), channelName(message.channel)];
    if (message.channel === "sms") words.push(say().parts(message.parts));
    const line = make("time", { datetime: message.at }, `${when(message.at, message.zone, { ...SHORT_DAY, ...CLOCK })}`, make("br"), words.join(" · "));
    return [line, message.channel === "push" ? note(message, "") : bubble(message), ...tags(message)];
  });
  const sender = senderOf(newest);
  return make("li", null, make("article", { class: "phone", "aria-label": say().member(newest.member) },
    make("div", { class: "screen" }, strip(newest), ...inbox(sender, talk, true))),
    make("div", { class: "about" }, make("p", { class: "what" }, say().member(newest.member)), make("p", null, newest.phone_masked), make("p", null, city(newest.zone))));
}

function fateOf(message) {
  return message.state === "sent" ? "sent" : ["suppressed", "merged", "failed", "unknown"].includes(message.state) ? "withheld" : "waiting";
}

function outcome(message) {
  const fated = fateOf(message);
  if (fated === "sent") return say().went;
  if (message.state === "paused") return say().states.paused;
  if (fated === "waiting") return message.until ? say().until(when(message.until, message.zone, { ...SHORT_DAY, ...CLOCK })) : say().soon;
  if (!message.reason) return say().states[message.state] ?? message.state;
  if (message.state === "failed") return say().refused(message.reason);
  return say().reasons[message.reason] ?? message.reason.replaceAll("-", " ");
}

/** One line about a message and what became of it. */
function row(message, named = true) {
  return make("li", null,
    make("p", { class: "when" }, when(message.at, message.zone, { ...SHORT_DAY, ...CLOCK }), make("span", null, ` ${city(message.zone)}`)),
    make("div", null, make("p", { class: "what" }, kindName(message.kind), message.channel ? ` · ${channelName(message.channel)}` : ""),
      named ? make("p", { class: "whom" }, who(message), ` ${message.phone_masked}`) : null),
    make("p", null, outcome(message)));
}

function story(messages) {
  return make("section", { class: "story" }, make("h3", null, say().story),
    make("ul", { class: "rows" }, ...messages.map((message) => row(message, false))));
}

function wanted() {
  return { member: filters.elements.member.value.trim(), kind: filters.elements.kind.value, channel: filters.elements.channel.value, fate };
}

/** Asks for the first page; or with `more`, for the next. */
async function ask(more = false) {
  const mine = ++question;
  const parameters = new URLSearchParams(Object.entries(wanted()).filter(([, value]) => value));
  const searching = parameters.has("member");
  parameters.set("limit", searching ? "100" : "24");
  if (more && older) parameters.set("before", older);
  keepAddress();
  const answer = await messages(parameters);
  if (!answer || mine !== question) return;
  const one = searching && !more && fate === "sent" && answer.members === 1;
  const all = one ? await messages(new URLSearchParams({ member: answer.messages[0].member, limit: "200" })) : null;
  if (mine !== question) return;
  paged = more;
  older = answer.older;
  byId("older").hidden = !older;
  byId("found").textContent = answer.total ? say().found(count(answer.total), count(answer.members)) : "";
  draw(answer.messages, more, searching);
  if (all) {
    byId("list").replaceChildren(make("div", { class: "member" }, ...byId("list").children, story(all.messages)));
    scrollDown();
  }
}

function messages(parameters) {
  return fetch(`/api/messages?${parameters}`).then((response) => (response.ok ? response.json() : null)).catch(() => null);
}

/** A conversation is opened at its end. */
function scrollDown() {
  for (const talk of document.querySelectorAll(".threads .talk")) talk.scrollTop = talk.scrollHeight;
}

function draw(messages, more, searching) {
  const list = byId("list");
  const style = fate !== "sent" ? "rows" : searching ? "threads" : "phones";
  if (!messages.length && !more) {
    const why = searching ? "search" : filters.elements.kind.value || filters.elements.channel.value ? fate : fate === "sent" ? "first" : fate;
    const [title, text] = say().empty[why];
    drawn = new Map();
    list.replaceChildren(make("div", { class: "empty" }, make("strong", null, title), text));
    return;
  }
  const before = list.firstElementChild?.className === style ? drawn : new Map();
  const key = (message) => `${language} ${message.id} ${message.state} ${message.at}`;
  let items;
  if (style === "threads") {
    items = [...grouped(messages).values()].map(thread);
    drawn = new Map();
  } else {
    const fresh = messages.map((message) => [key(message), before.get(key(message)) ?? arrival(style === "rows" ? row(message) : phone(message), before.size > 0 && !more)]);
    drawn = new Map(more ? [...drawn, ...fresh] : fresh);
    items = [...drawn.values()];
  }
  if (more && style === "threads") { list.firstElementChild?.append(...items); return; }
  const holder = list.firstElementChild?.className === style ? list.firstElementChild : make("ul", { class: style });
  holder.replaceChildren(...items);
  if (holder !== list.firstElementChild) list.replaceChildren(holder);
  scrollDown();
}

function arrival(item, live) {
  if (live) {
    item.classList.add("new");
    // An animation starts anew whenever its element is put in again.
    item.addEventListener("animationend", () => item.classList.remove("new"), { once: true });
  }
  return item;
}

function grouped(messages) {
  const groups = new Map();
  for (const message of messages) groups.set(message.member, [...(groups.get(message.member) ?? []), message]);
  return groups;
}

/** Keeps what is looked at in the address, so that it can be shared and reloaded. */
function keepAddress() {
  const { member, kind, channel } = wanted();
  const parts = { member, kind, channel, show: fate === "sent" ? "" : fate, lang: language === "en" ? "" : language };
  const text = new URLSearchParams(Object.entries(parts).filter(([, value]) => value)).toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

/* Language, filters, polling */

function speak() {
  document.documentElement.lang = locale();
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say()[element.dataset.say];
  byId("language").textContent = say().other;
  byId("language").lang = language === "en" ? "zh-CN" : "en";
  filters.elements.member.placeholder = say().searchHint;
  const options = (select, all, entries) => {
    const chosen = select.value || asked.get(select.name) || "";
    select.replaceChildren(make("option", { value: "" }, all), ...entries.map(([value, name]) => make("option", { value }, name)));
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = "";
  };
  options(filters.elements.kind, say().anyKind, Object.entries(say().kinds));
  options(filters.elements.channel, say().anyChannel, CHANNELS.map((name) => [name, say()[name]]));
  drawTabs(overview?.summary?.messages);
  if (overview) drawOverview();
}

byId("language").addEventListener("click", () => {
  language = language === "en" ? "zh" : "en";
  try { localStorage.setItem("language", language); } catch { /* a private window forgets */ }
  speak();
  ask();
});
byId("older").addEventListener("click", () => ask(true));
filters.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
filters.addEventListener("change", () => ask());
let typing;
filters.elements.member.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(ask, 250); });

let timer = null;
async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  const answer = await fetch("/api/summary").then((response) => response.json()).catch(() => null);
  if (answer) {
    const changed = JSON.stringify(answer.summary?.messages) !== JSON.stringify(overview?.summary?.messages);
    const first = !overview;
    overview = answer;
    drawOverview();
    // A reader who pages or reads inside the list is left in peace.
    if (first || (changed && !paged && !byId("list").contains(document.activeElement))) ask();
  } else if (overview) {
    showStatus("lost", say().lost);
  }
  if (answer?.phase !== "finished") timer = setTimeout(poll, 2000);
}
document.addEventListener("visibilitychange", poll);

filters.elements.member.value = asked.get("member") ?? "";
speak();
poll();
