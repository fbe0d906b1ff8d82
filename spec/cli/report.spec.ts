import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bytes } from "../../src/bytes/bytes.js";
import { CodecError } from "../../src/bytes/errors.js";
import { judgesOf } from "../../src/cli/judges.js";
import { payloadRanges } from "../../src/cli/ranges.js";
import { REPORT_KEEP, reportData, type ReportData } from "../../src/cli/report/data.js";
import { escapeHtml, html, scriptJson } from "../../src/cli/report/html.js";
import { reportPage } from "../../src/cli/report/page.js";
import { DARK, LIGHT, type Theme } from "../../src/cli/report/style.js";
import { readSummary } from "../../src/cli/summary/read.js";
import { actions } from "../../src/ovs/action.js";
import { genericDatagrams, pcapOf, refusal, sourceOf } from "../support/answers.js";
import { chromium, Page } from "../support/browser.js";
import { fixture, fixturePath } from "../support/fixtures.js";
import { runs } from "../support/runs.js";
import { runTool } from "../support/tool.js";

const USUAL = { kernel: [], vswitchd: [], "nat-helpers": false };

async function dataOf(bytes: Uint8Array, file = "f.pcap"): Promise<ReportData> {
  const { collected, fault } = await readSummary({ file }, REPORT_KEEP, sourceOf(bytes));
  return reportData(collected, { file, judges: judgesOf(USUAL), fault: fault?.message });
}

const pageOf = async (name: string): Promise<string> => reportPage(await dataOf(fixture(`captures/${name}`), name));

describe("the template", () => {
  it("escapes what it is given, but for its own markup", () => {
    expect(html`<p title="${'"'}">${"<i>"}${html`<b>${"&"}</b>`}${[html`1`, 2]}${undefined}</p>`.text).toBe(
      '<p title="&quot;">&lt;i&gt;<b>&amp;</b>12</p>',
    );
    expect(escapeHtml("\0\u0007\t'")).toBe("\ufffd\ufffd\t&#39;");
  });

  it("lets no text end a script element", () => {
    const { text } = scriptJson({ name: "</script><!--" });
    expect(text).not.toContain("<");
    expect(JSON.parse(text)).toEqual({ name: "</script><!--" });
  });
});

describe("a report", () => {
  it("asks for nothing beyond itself", async () => {
    const page = await pageOf("flood-1170.pcap.gz");
    expect(page.match(/\b(?:src|href|action|srcset)=(?:"[^"#][^"]*"|'[^'#])|@import|url\(|https?:/gi) ?? []).toEqual(
      [],
    );
    expect(page).toContain("default-src 'none'");
  });

  it("of a flood that was dumped three times stays small, with every byte annotated", async () => {
    const page = await pageOf("flood-1170.pcap.gz");
    expect(page.length).toBeLessThan(500_000);
    const { flows, not_shown } = await dataOf(fixture("captures/flood-1170.pcap.gz"));
    expect(not_shown).toBe(0);
    expect(flows).toMatchObject([{ size: 65520, outputs: 1170, standing: "doubtful", left_out: 0 }]);
    expect(flows[0]!.payloads).toBeDefined();
  });

  it("says how many flows it does not show", async () => {
    const data = await dataOf(pcapOf(copiesOf(await putOf("flood-3.pcap", 300), 1010)));
    expect(data).toMatchObject({ not_shown: 10, flows: { length: 1000 } });
    expect(reportPage(data)).toContain("10 more flows are not shown");
  });

  it("leaves out bytes and texts that would make it too large", async () => {
    const data = await dataOf(pcapOf(copiesOf(await putOf("flood-586.pcap.gz", 32768), 40)));
    expect(data.not_shown).toBe(0);
    const annotated = data.flows.filter(({ payloads }) => payloads !== undefined);
    expect(annotated.length).toBeGreaterThan(10);
    expect(annotated.length).toBeLessThan(40);
    expect(data.flows.filter(({ left_out }) => left_out > 0).length).toBeGreaterThan(0);
    expect(reportPage(data).length).toBeLessThan(6_000_000);
  });

  it("marks flows by how they stand", async () => {
    const put = await putOf("flood-586.pcap.gz", 32768);
    const refused = await dataOf(pcapOf([put, refusal(put, { errno: 22 })]));
    expect(refused.flows).toMatchObject([{ standing: "refused", size: 32816 }]);
    const slow = await dataOf(fixture("captures/flood-1171.pcap.gz"));
    expect(slow.flows).toMatchObject([{ standing: "slow", size: 65576, outputs: 1171, behind: true }]);
    expect((await dataOf(fixture("captures/flood-3.pcap"))).flows).toMatchObject([{ standing: "fine" }]);
  });
});

describe("any capture", () => {
  const small = fixture("captures/flood-3.pcap");
  it("gives a page or a typed error", async () => {
    const changes = fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(small.length), async (places, length) => {
        const bytes = Uint8Array.from(small);
        for (const [at, value] of places) bytes[at] = value;
        expect(await pageOrError(bytes.subarray(0, length))).toMatch(/<\/html>\s*$|^typed error$/);
      }),
      { numRuns: runs(15) },
    );
  });
});

async function pageOrError(bytes: Uint8Array): Promise<string> {
  try {
    return reportPage(await dataOf(bytes));
  } catch (error) {
    if (error instanceof CodecError) return "typed error";
    throw error;
  }
}

/** The first put of a fixture with at least so many bytes. */
async function putOf(name: string, size: number): Promise<Buffer> {
  const datagrams = await genericDatagrams(fixture(`captures/${name}`));
  return [...datagrams.values()].find((bytes) => bytes.length > size && (bytes.readUInt16LE(6) & 0x401) === 0x401)!;
}

/** The same put under other identities. */
function copiesOf(put: Buffer, count: number): Buffer[] {
  const ufid = put.indexOf(Buffer.from([0x14, 0x00, 0x09, 0x00])) + 4;
  return Array.from({ length: count }, (_, i) => {
    const copy = Buffer.from(put);
    copy.writeUInt32LE(i, ufid);
    return copy;
  });
}

describe("the colours", () => {
  const texts = ["ink", "muted", "fine", "doubtful", "slow", "refused"] as const;
  const grounds = ["paper", "surface", "sunken"] as const;
  const tints = ["fine", "doubtful", "slow", "refused"] as const;
  it.each([
    ["light", LIGHT],
    ["dark", DARK],
  ] as const)("of the %s theme can be read", (_, theme: Theme) => {
    const pairs = [
      ...texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)),
      ...tints.map((tint) => [tint, `${tint}-tint`] as const),
      ...tints.map((tint) => ["ink", `${tint}-tint`] as const),
    ];
    const poor = pairs.filter(([text, ground]) => contrast(theme[text], theme[ground]) < 4.5);
    expect(poor).toEqual([]);
  });
});

/** Contrast ratio of two colours (WCAG 2.2, 1.4.3). */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("the command", { timeout: 30_000 }, () => {
  const flood = fixturePath("captures/flood-3.pcap");
  const folder = mkdtempSync(join(tmpdir(), "ovs-netlink-report-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the file, or to standard output where none is named", async () => {
    const file = join(folder, "report.html");
    expect(await runTool(["report", flood, "-o", file])).toEqual({ status: 0, stdout: Buffer.alloc(0), stderr: "" });
    const { stdout } = await runTool(["report", flood]);
    expect(stdout.toString()).toBe(readFileSync(file, "utf8"));
    expect(stdout.toString()).toContain("<title>flood-3.pcap: flows of Open vSwitch</title>");
  });

  it("says in one line what it cannot write or read", async () => {
    const file = join(folder, "no", "report.html");
    const unwritable = await runTool(["report", flood, "-o", file]);
    expect(unwritable).toMatchObject({ status: 2, stderr: `ovs-netlink: ${file}: no such file\n` });
    const unreadable = await runTool(["report", "-"], "nothing of the kind");
    expect(unreadable).toMatchObject({ status: 2, stdout: Buffer.alloc(0) });
    expect(unreadable.stderr).toMatch(/^ovs-netlink: [^\n]*\n$/);
  });
});

const command = chromium();

describe.skipIf(command === undefined)("in a browser", { timeout: 120_000 }, () => {
  let browser: Page;
  let folder: string;
  const write = (name: string, page: string): string => {
    writeFileSync(join(folder, name), page);
    return pathToFileURL(join(folder, name)).href;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ovs-netlink-report-"));
    browser = await Page.start(command!);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const quiet = (): void => {
    expect(browser.errors).toEqual([]);
    expect(browser.requests.filter((url) => !/^(?:file:|about:)/.test(url))).toEqual([]);
  };

  it.each([
    [1280, false],
    [1280, true],
    [360, false],
    [360, true],
  ])("%i pixels wide, dark %s: nothing sticks out, nothing fails", async (width, dark) => {
    const url = write("varied.html", await pageOf("varied-ovs3.1.pcap.gz"));
    await browser.open(url, { width, height: 900, dark });
    expect(await browser.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    const paper = await browser.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    expect(paper).toBe(rgb((dark ? DARK : LIGHT).paper));
    quiet();
  });

  it("sorts, filters and folds the table", async () => {
    await browser.open(write("varied.html", await pageOf("varied-ovs3.1.pcap.gz")), { width: 1280, height: 900 });
    const visible = "[...document.querySelectorAll('#rows tr:not([hidden])')]";
    const sizes = `${visible}.map((row) => Number(row.cells[1].dataset.v))`;
    const first = await browser.evaluate<number[]>(sizes);
    expect(first).toHaveLength(100);
    expect(first).toEqual(first.toSorted((a, b) => b - a));
    await browser.evaluate("document.querySelectorAll('.flows th button')[1].click()");
    const turned = await browser.evaluate<number[]>(sizes);
    expect(turned).toEqual(turned.toSorted((a, b) => a - b));
    expect(turned[0]).toBeLessThan(first[0]!);
    await browser
      .evaluate("document.querySelector('.flows th[aria-sort]').getAttribute('aria-sort')")
      .then((sorted) => {
        expect(sorted).toBe("ascending");
      });
    await browser.evaluate("filter.value = 'Check_Pkt_Len in_port(2)', filter.dispatchEvent(new Event('input'))");
    const kept = await browser.evaluate<string[]>(
      `${visible}.map((row) => JSON.parse(data.textContent).flows[row.dataset.flow]).map(({ key, actions }) => key + actions)`,
    );
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((text) => !text.includes("check_pkt_len") || !text.includes("in_port(2)"))).toEqual([]);
    quiet();
  });

  it("shows a flow's bytes as annotate labels them, by the keyboard alone", async () => {
    const bytes = fixture("captures/flood-1170.pcap.gz");
    const { flows } = await dataOf(bytes);
    await browser.open(write("flood.html", await pageOf("flood-1170.pcap.gz")), { width: 1280, height: 900 });
    await browser.evaluate("document.querySelector('.open').focus()");
    for (const type of ["keyDown", "keyUp"]) {
      await browser.send("Input.dispatchKeyEvent", {
        type,
        key: "Enter",
        code: "Enter",
        text: "\r",
        windowsVirtualKeyCode: 13,
      });
    }
    expect(await browser.evaluate("detail.open && location.hash")).toBe("#flow-1");
    await browser.evaluate("document.querySelector('.rest button:last-child').click()");
    const shown = await browser.evaluate<[string, string][]>(
      "[...document.querySelectorAll('.bytes li')].map((item) => [item.children[0].textContent, item.children[2].textContent])",
    );
    const expected = [...payloadRanges(actions, new Bytes(flows[0]!.flow.bytes!.actions, true, true))].map(
      ({ at, label, text }) => [at.toString(16).padStart(6, "0"), text === "" ? label : `${label} ${text}`],
    );
    expect(shown).toHaveLength(expected.length);
    expect(shown).toEqual(expected);
    const hex = await browser.evaluate<string>(
      "[...document.querySelectorAll('.bytes .hex')].map((item) => item.textContent.replace(/ /g, '')).join('')",
    );
    expect(hex).toBe(flows[0]!.flow.bytes!.actions.toString("hex"));
    for (const type of ["keyDown", "keyUp"]) {
      await browser.send("Input.dispatchKeyEvent", { type, key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 });
    }
    await browser.evaluate("new Promise((resolve) => setTimeout(resolve, 100))");
    expect(await browser.evaluate("detail.open || location.hash")).toBe("");
    quiet();
  });

  it("leads from a verdict to the byte that it is about", async () => {
    const log =
      "2026-11-22T11:26:29.113Z|00001|dpif(handler1)|WARN|system@ovs-system: failed to put[create] (Invalid argument) " +
      "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no), actions:2,push_vlan(vid=1,pcp=0,cfi=0),3\n";
    const page = reportPage(await dataOf(Buffer.from(log), "log"));
    await browser.open(`${write("log.html", page)}#flow-1`, { width: 360, height: 740 });
    await browser.evaluate("document.querySelector('.jump').click()");
    expect(await browser.evaluate("document.querySelector('.hit .path').textContent")).toBe("actions[1].push_vlan");
    quiet();
  });

  it("takes markup in names for text", async () => {
    const put = await putOf("flood-586.pcap.gz", 32768);
    const extack = { msg: "</script><img src=x onerror=alert(1)><b id=evil>bold</b>" };
    const page = reportPage(await dataOf(pcapOf([put, refusal(put, { errno: 22, extack })]), '<b id="evil">"f".pcap'));
    await browser.open(write("evil.html", page), { width: 1280, height: 900 });
    expect(await browser.evaluate("document.querySelectorAll('#evil, img').length")).toBe(0);
    expect(await browser.evaluate("document.querySelector('h1').textContent")).toBe('<b id="evil">"f".pcap');
    expect(await browser.evaluate("document.body.textContent.includes('<b id=evil>bold</b>')")).toBe(true);
    quiet();
  });

  it("has a name for everything that can be used", async () => {
    await browser.open(write("flood.html", await pageOf("flood-1171.pcap.gz")), { width: 1280, height: 900 });
    await browser.evaluate("document.querySelector('.open').click()");
    await browser.send("Accessibility.enable");
    const { nodes } = (await browser.send("Accessibility.getFullAXTree")) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const used = nodes.filter(
      ({ ignored, role }) => !ignored && /^(?:button|tab|searchbox|link|image|dialog)$/.test(role?.value ?? ""),
    );
    expect(used.length).toBeGreaterThan(4);
    expect(used.filter(({ name }) => (name?.value ?? "") === "")).toEqual([]);
  });
});

function rgb(color: string): string {
  return `rgb(${[1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)).join(", ")})`;
}
