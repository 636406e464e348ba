// Simulation. The writing process that is killed: it opens the ledger, answers what it is asked, and ends with its
// starter.
import { OwnWriter } from './own-writer.js';
import type { FromWriter, ToWriter } from './process-messages.js';

let writer: OwnWriter | undefined;

function say(message: FromWriter): void {
  process.send?.(message);
}

async function hear(message: ToWriter): Promise<void> {
  if (message.kind === 'open') {
    writer = await OwnWriter.open(message.url, message.name);
    say({ kind: 'open' });
    return;
  }
  if (writer === undefined) throw new Error('the ledger is opened before it is asked');
  say({ kind: 'told', id: message.id, told: await writer.ask(message.request) });
}

process.on('message', (message) => {
  void hear(message as ToWriter);
});
process.on('disconnect', () => process.exit(0));
