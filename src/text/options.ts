/** What every function of the text layer takes. */
export interface TextOptions {
  /** The OVS release whose text it is, such as `2.15`, `3.1.0` or `main`; the newest that is known when left out. */
  readonly ovs?: string;
  /** False for bytes of a big-endian host; true when left out. */
  readonly littleEndian?: boolean;
}

/** What the functions that print keys take. */
export interface FlowTextOptions extends TextOptions {
  /** Prints what the mask leaves out too, as `-m` and log lines do. */
  readonly verbose?: boolean;
}

/** What the function that prints whole dump lines takes. */
export interface DumpLineOptions extends FlowTextOptions {
  /**
   * The clock by which `used:` counts: milliseconds since boot, as `CLOCK_MONOTONIC` gives them. Without it a flow that was
   * used reads `used:@<ms>ms`, the clock's value then.
   */
  readonly now?: number;
  /** What stands behind `dp:` in the verbose form; `ovs`, the kernel's datapath, when left out. */
  readonly layer?: string;
}
