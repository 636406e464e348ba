// Command line: `seed`, the demo account alone. Seeding again finds what is there and shows the same keys.
import { createStateFolder } from '@fairmeter/platform/embedded';
import { database } from '../database/index.js';
import { devFolder, withLedger } from '../database/ledger-door.js';
import { takesPayments } from '../stack/apps.js';
import { readFlags, type Command } from './command.js';

export const seed: Command = async (context) => {
  readFlags(context.args, []);
  const folder = devFolder(context);
  await withLedger(context, 'npm run seed', async ({ url, source }) => {
    // The demo keys are kept there, also when the database is elsewhere: it holds their hashes only.
    createStateFolder(folder);
    const demo = await database.seedDemo({
      writerUrl: url,
      state: { path: folder.path, embedded: false },
      takesPayments: takesPayments(context.settings.env),
    });
    context.terminal.line(`seeded ${source}`);
    context.terminal.line(`account     ${demo.accountId}  key ${demo.accountKey}`);
    context.terminal.line(`coding bot  ${demo.codingBotId}  key ${demo.codingBotKey}`);
    context.terminal.line(`chat bot    ${demo.chatBotId}  key ${demo.chatBotKey}`);
  });
  return 0;
};
