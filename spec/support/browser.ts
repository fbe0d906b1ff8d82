import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The command that starts Chromium, or undefined, said aloud, where there is none. */
export function chromium(): string | undefined {
  const named = process.env["CHROMIUM"];
  const found = [...(named === undefined ? [] : [named]), ...NAMES].find(
    (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
  );
  if (found === undefined) console.warn("skipped: no Chromium here (set CHROMIUM, or install the package chromium)");
  return found;
}

/** What a page looks like. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page in headless Chromium, driven by the DevTools protocol over a pipe. Nothing but the file system is reachable for it. */
export class Page {
  /** Exceptions, and errors that the page wrote to its console. */
  readonly errors: string[] = [];
  /** Addresses that the page asked for. */
  readonly requests: string[] = [];
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #profile: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #events = new Map<string, () => void>();
  #session: string | undefined;
  #last = 0;

  private constructor(command: string) {
    this.#profile = mkdtempSync(join(tmpdir(), "ovs-netlink-page-"));
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"];
    this.#process = spawn(command, [...flags, `--user-data-dir=${this.#profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#input = this.#process.stdio[3] as Writable;
    let text = "";
    (this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (text + chunk).split("\0");
      text = parts.pop()!;
      for (const part of parts) this.#take(JSON.parse(part) as Reply);
    });
  }

  /** Starts Chromium with an empty page. */
  static async start(command: string): Promise<Page> {
    const page = new Page(command);
    const { targetId } = await page.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await page.send("Target.attachToTarget", { targetId, flatten: true });
    page.#session = sessionId as string;
    await Promise.all(["Page", "Runtime", "Log", "Network"].map((domain) => page.send(`${domain}.enable`)));
    return page;
  }

  /** Sends one command and waits for its answer. */
  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  /** Opens a file or address and waits until it has loaded. */
  async open(url: string, { width, height, dark = false }: Look): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
    await this.send("Emulation.setEmulatedMedia", { features });
    // A page that differs only in its fragment would not load anew.
    await this.#load("about:blank");
    await this.#load(url);
  }

  async #load(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#events.set("Page.loadEventFired", resolve));
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** A picture of what is visible, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data as string, "base64");
  }

  /** Ends Chromium. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#session = undefined;
    void this.send("Browser.close").catch(() => undefined);
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #take({ id, method, params, ...reply }: Reply): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(reply);
      this.#waiting.delete(id);
    } else if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") {
      this.errors.push(JSON.stringify(params));
    } else if (method === "Network.requestWillBeSent") {
      this.requests.push((params!["request"] as { url: string }).url);
    } else if (method !== undefined) this.#events.get(method)?.();
  }
}
