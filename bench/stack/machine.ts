// Bench room, the stack. The machine that the figures are of.
import { arch, cpus, platform, totalmem } from 'node:os';

export function machineLine(): string {
  return (
    `machine    ${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, ` +
    `Node ${process.versions.node}`
  );
}
