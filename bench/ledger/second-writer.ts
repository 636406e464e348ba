// Bench room, the ledger. A writing process of its own: one ledger store, so many callers on one account, told to begin
// and to stop. Without the bench it ends.
import { LedgerStore } from '@fairmeter/ledger';
import { residentMb } from '../measure/processes.js';
import { openWriter } from './bench-postgres.js';
import { CycleSide } from './cycle-side.js';
import { startHotLoad, type HotLoad } from './hot-load.js';
import type { FromWriter, SecondWriterOptions, ToWriter } from './writer-messages.js';

const RSS_EVERY_MS = 50;

async function main({ database, account }: SecondWriterOptions): Promise<void> {
  const writer = await openWriter(database, 10);
  const side = new CycleSide('second writer', new LedgerStore(writer), [account]);
  const rss = { before: residentMb(process.pid), peak: 0 };
  let load: HotLoad | undefined;
  const watch = setInterval(() => {
    rss.peak = Math.max(rss.peak, residentMb(process.pid));
    // Timings are the bench's own affair: kept here they would count as memory of the ledger.
    side.takeTimings();
  }, RSS_EVERY_MS);
  const say = (message: FromWriter): void => {
    process.send?.(message);
  };
  const stop = async (): Promise<void> => {
    const perSecond = (await load?.stop()) ?? 0;
    say({ say: 'stopped', perSecond, cycles: side.cycles, rssBeforeMb: rss.before, rssPeakMb: rss.peak });
  };
  process.on('message', (message: ToWriter) => {
    if (message.say === 'begin') load = startHotLoad(side, message.callers);
    else void stop();
  });
  process.once('disconnect', () => {
    clearInterval(watch);
    void writer.close();
  });
  say({ say: 'ready' });
}

await main(JSON.parse(process.argv[2] ?? '{}') as SecondWriterOptions);
