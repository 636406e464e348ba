// Tour: a coding job as a bot would submit it, watched to its end. Promises to show what the API says and nothing else.
import { randomUUID } from 'node:crypto';
import type { DemoSeed } from '../stack/database-port.js';
import type { Terminal } from '../terminal/terminal.js';
import { costTable } from './cost-table.js';
import { advance, eventLine, noProgress, progressBar } from './event-lines.js';
import { followEvents } from './event-stream.js';
import { completedState, eventTypes, toAcceptedJob, toCostBreakdown, toJobEvent, type AcceptedJob } from './fields.js';

const prompt = 'Write a small command-line program that counts the words of a file, with a test.';

export class TourFailedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TourFailedError';
  }
}

export async function runTour(apiUrl: string, demo: DemoSeed, terminal: Terminal): Promise<void> {
  const authorization = { authorization: `Bearer ${demo.codingBotKey}` };
  terminal.line('');
  terminal.line(`POST /v1/bots/${demo.codingBotId}/jobs  at most 5 credits, at most 5 iterations`);
  const job = await submit(apiUrl, demo, authorization);
  terminal.line(`202 ${job.id}  ${job.state}`);
  const state = await watch(new URL(job.events, apiUrl).href, authorization, terminal);
  const answer = await fetch(new URL(job.cost, apiUrl), { headers: authorization });
  if (!answer.ok) throw new TourFailedError(`the cost of ${job.id}: ${answer.status} ${await answer.text()}`);
  terminal.line('');
  terminal.line(`GET ${new URL(job.cost, apiUrl).pathname}`);
  for (const line of costTable(toCostBreakdown(await answer.json()))) terminal.line(`  ${line}`);
  if (state !== completedState) throw new TourFailedError(`the job of the tour ended as ${state}`);
}

async function submit(
  apiUrl: string,
  demo: DemoSeed,
  authorization: Readonly<Record<string, string>>,
): Promise<AcceptedJob> {
  const answer = await fetch(`${apiUrl}/v1/bots/${demo.codingBotId}/jobs`, {
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json', 'idempotency-key': `tour-${randomUUID()}` },
    body: JSON.stringify({ prompt, request_kind: 'generate', max_credits: '5.000000', max_iterations: 5 }),
  });
  if (answer.status !== 202) {
    throw new TourFailedError(`the job was not accepted: ${answer.status} ${await answer.text()}`);
  }
  return toAcceptedJob(await answer.json());
}

async function watch(url: string, headers: Readonly<Record<string, string>>, terminal: Terminal): Promise<string> {
  let progress = noProgress;
  let state = 'unknown';
  await followEvents({
    url,
    headers,
    onEvent: ({ id, type, data }) => {
      const event = toJobEvent(id, type, data);
      progress = advance(progress, event);
      state = event.state ?? state;
      terminal.line(`  ${eventLine(event)}`);
      terminal.status(`  ${progressBar(progress)}`);
      return event.type === eventTypes.ended ? 'done' : 'go on';
    },
  });
  terminal.line(`  ${progressBar(progress)}`);
  return state;
}
