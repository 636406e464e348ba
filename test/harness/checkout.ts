// Test harness. Where the checkout is: also for a program that was compiled into a folder of its own.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = checkoutAbove(dirname(fileURLToPath(import.meta.url)));

function checkoutAbove(folder: string): string {
  if (existsSync(join(folder, 'nest-cli.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('there is no checkout above the test harness');
  return checkoutAbove(above);
}
