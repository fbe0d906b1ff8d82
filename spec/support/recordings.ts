import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A capture, the OVS release in it, and the texts of the dumps in it. */
export interface Recording {
  readonly capture: string;
  readonly ovs: string;
  readonly texts: readonly { readonly path: string; readonly verbose: boolean }[];
}

const fixtures = fileURLToPath(new URL("../../fixtures/captures/", import.meta.url));

/** The captures of fixtures/ that have texts beside them. */
export function fixtureRecordings(): Recording[] {
  const names = readdirSync(fixtures).filter((name) => /\.pcap(\.gz)?$/.test(name));
  return names.flatMap((name) => {
    const stem = name.replace(/\.pcap(\.gz)?$/, "");
    const ovs = /-ovs(\d+\.\d+)/.exec(stem)?.[1] ?? "3.1";
    return recording(`${fixtures}${stem}.pcap`, `${ovs}.0`, [
      [`${fixtures}${stem}.dump-flows-m.txt`, true],
      [`${fixtures}${stem}.dump-flows.txt`, false],
    ]);
  });
}

/** The same of a folder of runs, each with a folder for each of its captures. */
export function sharedRecordings(root: string): Recording[] {
  const isFolder = (name: string): boolean => statSync(join(root, name)).isDirectory();
  const runs = readdirSync(root).filter(isFolder);
  const folders = runs.flatMap((run) => readdirSync(join(root, run)).map((name) => join(run, name)));
  return folders.filter(isFolder).flatMap((folder) => {
    const at = (name: string): string => join(root, folder, name);
    const ovs = folder.split("-")[0]!;
    const wrapped = readdirSync(join(root, folder)).filter((name) => /^(mixed)?\d+\.pcap\.gz$/.test(name));
    const captures: [string, [string, boolean][]][] = [
      [
        "flood.pcap",
        [
          ["dump-flows-m.txt", true],
          ["dump-flows.txt", false],
          ["ovs-dpctl-dump-flows-m.txt", true],
        ],
      ],
      [
        "dump.pcap",
        [
          ["ovs-dpctl-dump-flows-m.txt", true],
          ["ovs-dpctl-dump-flows.txt", false],
        ],
      ],
      ["dump-appctl.pcap", [["appctl-dump-flows-m.txt", true]]],
      ["upcall.pcap", [["upcall-dump-flows-m.txt", true]]],
    ];
    for (const name of wrapped) {
      const stem = name.replace(".pcap.gz", "");
      captures.push([`${stem}.pcap`, [[`${stem}-dpctl-dump-flows-m.txt`, true]]]);
    }
    return captures.flatMap(([capture, texts]) =>
      recording(
        at(capture),
        ovs,
        texts.map(([name, verbose]) => [at(name), verbose]),
      ),
    );
  });
}

function there(path: string): boolean {
  return existsSync(path) || existsSync(`${path}.gz`);
}

function recording(capture: string, ovs: string, texts: readonly (readonly [string, boolean])[]): Recording[] {
  const found = texts.filter(([path]) => there(path)).map(([path, verbose]) => ({ path, verbose }));
  return there(capture) && found.length > 0 ? [{ capture, ovs, texts: found }] : [];
}
