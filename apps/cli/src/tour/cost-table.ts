// Tour: the cost breakdown as a table. Pure. Promises that every line the ledger charged is on the screen, and the
// total as the ledger gives it: nothing is added up here.
import type { CostBreakdown, LoopEvidence } from './cost-fields.js';

type Row = readonly [string, string, string, string, string, string];

const head: Row = ['step', 'stage', 'model or tool', 'tokens in', 'tokens out', 'credits'];

export function costTable(cost: CostBreakdown): readonly string[] {
  const rows: Row[] = cost.steps.map((step): Row => [
    step.step,
    step.stage,
    step.doneBy,
    step.inputTokens,
    step.outputTokens,
    step.charge,
  ]);
  if (cost.minimum !== undefined) rows.push(['', 'minimum charge', '', '', '', cost.minimum]);
  const total: Row = ['', 'total', '', '', '', cost.total];
  const widths = head.map((_title, column) =>
    Math.max(...[head, ...rows, total].map((row) => (row[column] ?? '').length)),
  );
  const render = (row: Row): string =>
    row
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width, 0) + 2 * (widths.length - 1));
  const paid = cost.lots.map((lot) => `paid from ${lot.kind}: ${lot.amount} credits`);
  return [render(head), rule, ...rows.map(render), rule, render(total), ...paid, ...besides(cost)];
}

/** What is no part of the sum: used and not charged, found, and given back. */
function besides({ notCharged, loops, refunds, net }: CostBreakdown): string[] {
  return [
    ...notCharged.map(({ step, reason, amount }) => `not charged at step ${step}: ${amount} credits (${reason})`),
    ...loops.flatMap(evidenceLines),
    ...refunds.map(({ lane, amount, to }) => `refunded: ${amount} credits (${lane}) to ${to.join(', ')}`),
    ...(refunds.length === 0 ? [] : [`net: ${net} credits`]),
  ];
}

const fingerprintShown = 12;

function evidenceLines(loop: LoopEvidence): string[] {
  const { subject, steps, threshold, fingerprint, refundedSteps } = loop;
  const back = refundedSteps.length === 0 ? 'none' : refundedSteps.join(', ');
  return [
    `loop found at step ${loop.foundAtStep}: ${loop.signal}, cause ${loop.cause}, ${loop.action}`,
    `  evidence: ${subject} said the same ${fingerprint.slice(0, fingerprintShown)} at steps ${steps.join(', ')}` +
      ` (threshold ${threshold})`,
    `  charged whatever the cause: step ${loop.firstHonestStep}; given back: steps ${back}, ${loop.amount} credits`,
  ];
}
