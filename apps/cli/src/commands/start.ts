// Command line: `start`, the stack without the tour, and `demo`, the same with it. Both stay until they are told to
// stop.
import { join } from 'node:path';
import { stateFolder, type OpenState } from '@fairmeter/platform/embedded';
import { InterruptedError } from '../stack/interruption.js';
import { reportCapabilities, startServers, startStack, type Stack } from '../stack/stack.js';
import { withState } from '../stack/with-state.js';
import type { Terminal } from '../terminal/terminal.js';
import { runTour, type Tour } from '../tour/tour.js';
import { readFlags, type Command, type CommandContext } from './command.js';

export const start: Command = async (context) => {
  const flags = readFlags(context.args, ['servers-only', 'once']);
  return framed(context, 'npm start', async (state, asked, ready) => {
    const { settings, terminal } = context;
    if (flags.has('servers-only')) {
      const servers = await startServers({ state, settings, terminal }, () => Promise.resolve());
      reportCapabilities(servers.capabilities, terminal);
    } else {
      printStack(await startStack({ state, settings, terminal }, context.database), state, terminal);
    }
    ready();
    if (flags.has('once')) return;
    terminal.line('\nCtrl-C stops everything.');
    await asked;
  });
};

export const demo: Command = async (context) => {
  const flags = readFlags(context.args, ['once']);
  return framed(context, 'npm run demo', async (state, asked, ready) => {
    const { settings, terminal } = context;
    const stack = await startStack({ state, settings, terminal }, context.database);
    await runTour(tourOf(context, state, stack));
    printStack(stack, state, terminal);
    ready();
    if (flags.has('once')) return;
    terminal.line('\nThe stack stays up. Ctrl-C stops everything.');
    await asked;
  });
};

function tourOf({ database, terminal }: CommandContext, state: OpenState, stack: Stack): Tour {
  const { apiUrl, demo, writerUrl } = stack;
  return {
    apiUrl,
    terminal,
    demoBot: { accountId: demo.accountId, botId: demo.codingBotId, botKey: demo.codingBotKey },
    zipFolder: join(state.folder.path, 'demo'),
    openTrial: (amount) => database.openTrial(writerUrl, amount),
    grantCredits: (grant) => database.grantCredits(writerUrl, grant),
  };
}

// Being told to stop is the normal end of a running stack, and a failure of one that was still starting.
async function framed(
  context: CommandContext,
  purpose: string,
  work: (state: OpenState, asked: Promise<never>, ready: () => void) => Promise<void>,
): Promise<number> {
  const { settings, terminal, signals, exitNow } = context;
  const folder = stateFolder(settings.stateRoot, 'dev');
  let isReady = false;
  try {
    await withState({ folder, purpose, terminal, signals, exitNow }, (state, asked) =>
      work(state, asked, () => {
        isReady = true;
      }),
    );
    return 0;
  } catch (error) {
    if (error instanceof InterruptedError) return isReady ? 0 : 130;
    throw error;
  }
}

function printStack(stack: Stack, state: OpenState, terminal: Terminal): void {
  const facts: readonly (readonly [string, string])[] = [
    ['API', stack.apiUrl],
    ['docs', `${stack.apiUrl}/docs`],
    ['health', `${stack.apiUrl}/health/ready`],
    ['metrics', `${stack.apiUrl}/metrics and ${stack.workerMetricsUrl}`],
    ['Temporal', `${stack.temporal.address}`],
    ['sign-in', signInLine(stack)],
    ['logs', state.folder.logs],
    ['coding bot', `${stack.demo.codingBotId}  key ${stack.demo.codingBotKey}`],
    ['test key', `${stack.demo.codingBotId}  key ${stack.demo.testKey}`],
    ['chat bot', `${stack.demo.chatBotId}  key ${stack.demo.chatBotKey}`],
    ['account', `${stack.demo.accountId}  key ${stack.demo.accountKey}`],
  ];
  terminal.line('');
  for (const [name, value] of facts) terminal.line(`${name.padEnd(11)}${value}`);
}

function signInLine({ apiUrl, issuerUrl }: Stack): string {
  return `${apiUrl}/v1/auth/login  ${issuerUrl === undefined ? 'at your own issuer' : `issuer ${issuerUrl}`}`;
}
