#!/usr/bin/env node
import { DONE, run } from "./run.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader has gone, as `head` does: nothing is wrong, and nothing more is to do.
  if (error.code === "EPIPE") process.exit(DONE);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
