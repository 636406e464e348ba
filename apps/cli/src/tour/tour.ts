// Tour: three jobs, each watched to its end. Promises to fail where one of them does not show what it is there for.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MicroCredits } from '@fairmeter/domain';
import { credits, formatCredits } from '@fairmeter/domain';
import type { CreditGrant, TrialBot } from '../stack/database-port.js';
import type { Terminal } from '../terminal/terminal.js';
import { endStates, type AcceptedJob } from './fields.js';
import { BotDesk, TourFailedError } from './job-run.js';

export interface Tour {
  readonly apiUrl: string;
  readonly terminal: Terminal;
  readonly demoBot: TrialBot;
  /** Where what was downloaded is kept. */
  readonly zipFolder: string;
  openTrial(amount: MicroCredits): Promise<TrialBot>;
  grantCredits(grant: CreditGrant): Promise<void>;
}

export async function runTour(tour: Tour): Promise<void> {
  await honestJob(tour);
  await loopingJob(tour);
  await waitingJob(tour);
}

async function honestJob({ apiUrl, terminal, demoBot, zipFolder }: Tour): Promise<void> {
  title(terminal, '1 of 3: a job of several iterations. Its check finds faults, they are repaired, a ZIP comes out.');
  const desk = new BotDesk(apiUrl, demoBot, terminal);
  const job = await desk.submit({ prompt: 'Make a word counter page', maxCredits: '20', maxIterations: 5 });
  const { state } = await desk.watch(job);
  const { artefact } = await desk.showCost(job);
  expectEnd(job, state, endStates.completed);
  if (artefact === null) throw new TourFailedError(`${job.id} brought no ZIP`);
  const zip = Buffer.from(await (await desk.get(job.artefact)).arrayBuffer());
  const sha256 = createHash('sha256').update(zip).digest('hex');
  if (sha256 !== artefact.sha256) throw new TourFailedError(`the ZIP of ${job.id} is not the one its cost names`);
  mkdirSync(zipFolder, { recursive: true, mode: 0o700 });
  const file = join(zipFolder, `${job.id}.zip`);
  writeFileSync(file, zip, { mode: 0o600 });
  terminal.line(`GET ${job.artefact}`);
  terminal.line(`  ${artefact.files} files, ${zip.length} bytes, until ${artefact.expiresAt}; downloads are free`);
  terminal.line(`  sha256 ${sha256}`);
  terminal.line(`  ${file}`);
}

const loopCredits = credits(20n);

async function loopingJob(tour: Tour): Promise<void> {
  const { apiUrl, terminal } = tour;
  title(terminal, '2 of 3: our own check crashes again and again. The job is stopped, the repeats are given back.');
  const bot = await openTrial(tour, loopCredits);
  const desk = new BotDesk(apiUrl, bot, terminal);
  const job = await desk.submit({ prompt: 'Make a clock page', maxCredits: '20', maxIterations: 5 });
  const { state } = await desk.watch(job);
  const { breakdown } = await desk.showCost(job);
  expectEnd(job, state, endStates.stoppedLoop);
  if (breakdown.refunds.length === 0) throw new TourFailedError(`nothing of ${job.id} was given back`);
}

const tooFewCredits = credits(4n);
const grantedCredits = credits(10n);
/** So long a person can see that the job waits. */
const pauseShownMs = 2_000;

async function waitingJob(tour: Tour): Promise<void> {
  const { apiUrl, terminal } = tour;
  title(terminal, '3 of 3: credits run out between two steps. The job waits, and goes on by itself after a grant.');
  const bot = await openTrial(tour, tooFewCredits);
  const desk = new BotDesk(apiUrl, bot, terminal);
  const job = await desk.submit({ prompt: 'Make a word counter page', maxCredits: '20', maxIterations: 5 });
  const { state, waited } = await desk.watch(job, async ({ waitsUntil, released }) => {
    terminal.line(`             ${await desk.state(job)}; ${released ?? '?'} released, until ${waitsUntil ?? '?'}`);
    await sleep(pauseShownMs);
    const { accountId } = bot;
    await tour.grantCredits({ accountId, amount: grantedCredits, sourceRef: `grant/${job.id}` });
    terminal.line(`  grant      ${formatCredits(grantedCredits)} credits to ${accountId}, by an operator`);
  });
  await desk.showCost(job);
  expectEnd(job, state, endStates.completed);
  if (!waited) throw new TourFailedError(`${job.id} did not run out of credits`);
}

async function openTrial(tour: Tour, amount: MicroCredits): Promise<TrialBot> {
  const bot = await tour.openTrial(amount);
  tour.terminal.line(`account ${bot.accountId} with ${formatCredits(amount)} credits`);
  return bot;
}

function title(terminal: Terminal, text: string): void {
  terminal.line('');
  terminal.line(text);
}

function expectEnd(job: AcceptedJob, state: string, wanted: string): void {
  if (state !== wanted) throw new TourFailedError(`${job.id} ended as ${state}, not as ${wanted}`);
}
