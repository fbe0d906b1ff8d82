import { defineConfig } from "vitest/config";

const deep = Number(process.env["DEEP"] ?? 1);

export default defineConfig({
  // A property that runs DEEP times as often may take DEEP times as long.
  test: { include: ["spec/**/*.spec.ts"], testTimeout: 60_000 * deep },
});
