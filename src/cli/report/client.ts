/**
 * The script of a report, as plain JavaScript for any current browser.
 *
 * It sorts and filters the table, and shows a flow with its bytes from the data that the page embeds. Texts from the
 * capture reach the page as text nodes only, never as markup.
 */
export const CLIENT = String.raw`"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const count = (number) => number.toLocaleString("en");

  /** Makes an element; what is put into it as a string becomes text. */
  function el(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") element.addEventListener("click", value);
      else if (value !== undefined && value !== false) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== false));
    return element;
  }

  /* Theme: what the system says, until somebody chooses. */
  const root = document.documentElement;
  const theme = byId("theme");
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => (theme.textContent = dark() ? "Light" : "Dark");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    label();
  });
  label();

  /* The table of flows. */
  const body = byId("rows");
  const rows = body ? [...body.rows] : [];
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  };
  for (const button of document.querySelectorAll(".flows th button")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const column = head.cellIndex;
      const turn = down ? -1 : 1;
      rows.sort((a, b) => {
        const [x, y] = [valueOf(a, column), valueOf(b, column)];
        return turn * (typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0);
      });
      body.append(...rows);
      lay();
    });
  }
  /* Of many rows the first ones, until more are asked for. */
  const PAGE = 100;
  let limit = PAGE;
  let matches = () => true;
  const rest = el("div", { class: "rest" });
  if (body) body.closest("table").after(rest);
  function lay() {
    const matching = rows.filter(matches);
    rows.forEach((row) => (row.hidden = true));
    matching.slice(0, limit).forEach((row) => (row.hidden = false));
    const left = matching.length - limit;
    rest.replaceChildren();
    if (left <= 0) return matching.length;
    const more = (by) => () => {
      limit += by;
      lay();
    };
    rest.append(
      el("button", { type: "button", onclick: more(PAGE) }, "Show " + count(Math.min(PAGE, left)) + " more"),
      el("button", { type: "button", onclick: more(left) }, "Show all " + count(left)),
    );
    return matching.length;
  }
  lay();

  const filter = byId("filter");
  if (filter) {
    filter.closest(".tools").hidden = false;
    const texts = rows.map((row) => {
      const flow = data.flows[row.dataset.flow];
      return (flow.key + " " + flow.actions + " " + row.textContent).toLowerCase();
    });
    const byRow = new Map(rows.map((row, i) => [row, texts[i]]));
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      matches = (row) => words.every((word) => byRow.get(row).includes(word));
      limit = PAGE;
      const matching = lay();
      byId("shown").textContent = words.length === 0 ? "" : count(matching) + " of " + count(rows.length);
    });
  }

  /* A flow in detail. */
  const dialog = byId("detail");
  const STEP = 300;

  /** The ranges of a payload; see EmbeddedPayload in the sources. */
  function rangesOf(payload) {
    const bytes = Uint8Array.from(atob(payload.bytes), (character) => character.charCodeAt(0));
    const numbers = payload.ranges === "" ? [] : payload.ranges.split(",").map(Number);
    const open = [];
    const top = { path: payload.root, elements: 0 };
    const ranges = [];
    let at = 0;
    for (let i = 0; i < numbers.length; i += 4) {
      const [length, shape, step, value] = numbers.slice(i, i + 4);
      const depth = shape >> 1;
      const around = depth === 0 ? top : open[depth - 1] || top;
      let text = data.texts[step];
      const padding = text === "padding";
      if (!padding) {
        if (text.startsWith("[#]")) text = "[" + around.elements++ + "]" + text.slice(3);
        open[depth] = { path: around.path + text, elements: 0 };
        open.length = depth + 1;
      }
      ranges.push({ at, bytes: bytes.subarray(at, at + length), header: (shape & 1) * 4, depth, around: around.path, step: text, padding, text: data.texts[value] });
      at += length;
    }
    return ranges;
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

  function byteRow(range) {
    const shown = range.bytes.subarray(0, 64);
    const more = range.bytes.length - shown.length;
    return el(
      "li",
      { "data-at": range.at },
      el("span", { class: "at mono" }, range.at.toString(16).padStart(6, "0")),
      el(
        "span",
        { class: "hex mono" },
        range.header > 0 && el("i", {}, hex(shown.subarray(0, range.header)) + " "),
        hex(shown.subarray(range.header)),
        more > 0 && " ... " + count(more) + " more",
      ),
      el(
        "span",
        { class: range.padding ? "means pad" : "means", style: "--d:" + range.depth },
        range.padding ? "padding" : el("span", { class: "path mono" }, range.around, el("b", {}, range.step)),
        range.text === "" ? "" : " " + range.text,
      ),
    );
  }

  /** A list of ranges that grows on demand, and can be made to show one byte. */
  function byteList(payload) {
    const ranges = rangesOf(payload);
    const list = el("ul", { class: "bytes" });
    const rest = el("div", { class: "rest" });
    let shown = 0;
    const grow = (to) => {
      list.append(...ranges.slice(shown, to).map(byteRow));
      shown = Math.min(to, ranges.length);
      rest.replaceChildren();
      if (shown === ranges.length) return;
      const left = ranges.length - shown;
      rest.append(
        el("button", { type: "button", onclick: () => grow(shown + STEP) }, "Show " + count(Math.min(STEP, left)) + " more"),
        el("button", { type: "button", onclick: () => grow(ranges.length) }, "Show all " + count(left)),
      );
    };
    grow(STEP);
    const show = (offset) => {
      const index = ranges.findLastIndex((range) => range.at <= offset);
      if (index < 0) return;
      if (index >= shown) grow(index + STEP / 10);
      for (const hit of list.querySelectorAll(".hit")) hit.classList.remove("hit");
      const item = list.children[index];
      item.classList.add("hit");
      item.scrollIntoView({ block: "center" });
    };
    const empty = el("p", { class: "more" }, "There are no bytes: no mask was sent, or no actions.");
    return { element: el("div", {}, ranges.length === 0 ? empty : list, rest), show };
  }

  /** The bytes of the three payloads behind tabs; gives a function that shows one byte of one of them. */
  function bytesOf(flow, into) {
    if (flow.payloads === undefined) {
      into.append(
        el("p", { class: "more" }, "The bytes of this flow are left out to keep the report small; ", el("code", {}, "ovs-netlink annotate"), " shows them."),
      );
      return undefined;
    }
    const panel = el("div", { role: "tabpanel", id: "panel" });
    const lists = {};
    const names = ["actions", "key", "mask"];
    const buttons = names.map((name) =>
      el("button", { type: "button", role: "tab", "aria-controls": "panel", onclick: () => choose(name) }, name),
    );
    const choose = (name) => {
      lists[name] = lists[name] || byteList(flow.payloads[name]);
      buttons.forEach((button, i) => {
        button.setAttribute("aria-selected", names[i] === name);
        button.tabIndex = names[i] === name ? 0 : -1;
      });
      panel.replaceChildren(lists[name].element);
      return lists[name];
    };
    const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "Payload" }, ...buttons);
    tabs.addEventListener("keydown", (event) => {
      const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (turn === undefined) return;
      const next = (buttons.indexOf(document.activeElement) + turn + names.length) % names.length;
      buttons[next].focus();
      choose(names[next]);
    });
    into.append(tabs, panel);
    choose("actions");
    return (part, offset) => choose(part).show(offset);
  }

  function saysRow(judgement, index, show) {
    const profile = data.profiles[index];
    const { part, offset } = judgement;
    const place =
      judgement.path !== undefined &&
      judgement.path !== part &&
      (show === undefined
        ? el("span", { class: "mono" }, " " + judgement.path)
        : el("button", { type: "button", class: "jump mono", onclick: () => show(part, offset) }, judgement.path + ", byte " + offset));
    const answer = judgement.ok
      ? el("span", { class: "takes" }, "takes it")
      : el("span", { class: "answer refused" }, judgement.answer);
    const why = judgement.ok ? [] : [" " + judgement.message + " "];
    const since = judgement.since === undefined ? [] : el("span", { class: "advice" }, " Taken since " + judgement.since + ".");
    return el("li", {}, el("span", {}, profile), el("p", {}, answer, ...why, place, ...[since].flat()));
  }

  function fill(number) {
    const flow = data.flows[number];
    byId("detail-title").textContent = "Flow " + number;
    byId("detail-facts").textContent = flow.facts;
    const sheet = byId("detail-body");
    const says = el("ul", { class: "says-list" });
    const bytes = el("div", {});
    sheet.replaceChildren(
      el("h3", {}, "Matches"),
      el("p", { class: "text mono", tabindex: 0 }, flow.key),
      el("h3", {}, "Actions"),
      el("p", { class: "text mono", tabindex: 0 }, flow.actions + (flow.left_out > 0 ? " ... " + count(flow.left_out) + " more characters" : "")),
      ...(flow.note === undefined ? [] : [el("p", { class: "advice" }, flow.note)]),
      el("h3", {}, "Who takes it"),
      says,
      el("h3", {}, "Bytes"),
      bytes,
    );
    const show = bytesOf(flow, bytes);
    says.append(...flow.judgements.map((judgement, i) => saysRow(judgement, i, show)));
    sheet.scrollTop = 0;
  }

  function open(number) {
    if (data.flows[number] === undefined) return;
    fill(number);
    if (!dialog.open) dialog.showModal();
    history.replaceState(null, "", "#flow-" + number);
  }
  dialog.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  byId("close").addEventListener("click", () => dialog.close());
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-flow]");
    if (place !== null && (event.target.closest(".open, .mark") !== null)) open(place.dataset.flow);
  });
  const followHash = () => {
    const found = /^#flow-(\d+)$/.exec(location.hash);
    if (found !== null) open(found[1]);
  };
  addEventListener("hashchange", followHash);
  followHash();
})();`;
