// API room. Tips as this door shows them: the catalogue, and those that a measurement has called for.
import type { Tip, TipCode, TipRule } from '@fairmeter/domain';
import { JOB_TIPS, TIP_CODES, WORK_TIPS } from '@fairmeter/domain';
import { z } from 'zod';
import type { OwnTips } from './own-tips.js';
import { TIP_LANGUAGES, TIP_TEXTS } from './tip-texts.js';

/** Of all tips, and open to everybody. */
export const TIPS_PAGE = '/docs/tips';

const figure = {
  measure: z.string().describe('What is measured.'),
  from: z.int().describe('The tip is given from this figure on.'),
};

const told = {
  code: z.enum(TIP_CODES).describe('Stable; decide by this.'),
  title: z.string(),
  text: z.string().describe('For people.'),
  link: z.string(),
  docs: z.string().describe('A page that says more.'),
};

export const givenTips = z
  .array(z.object({ ...told, ...figure, figure: z.int().describe('What was measured.') }))
  .describe('Advice that a measurement has called for; none of it changes a charge.');

export const tipBody = z.object({
  ...told,
  language: z.enum(TIP_LANGUAGES),
  triggers: z
    .array(z.object({ of: z.enum(['job', 'account']).describe('Where it is given.'), ...figure }))
    .describe('When it is given.'),
  given: z
    .array(
      z.object({
        of: z.enum(['job', 'account']),
        job_id: z.string().nullable().describe('Null where the work of the account called for it.'),
        ...figure,
        figure: z.int().describe('What was measured.'),
      }),
    )
    .describe('What called for it in your own work: of the last 30 days, and of your latest jobs.'),
});
export type TipBody = z.output<typeof tipBody>;

export const tipsBody = z.object({ data: z.array(tipBody) });
export type TipsBody = z.output<typeof tipsBody>;

export function toGivenTips(tips: readonly Tip[]): z.output<typeof givenTips> {
  return tips.map(({ code, measure, figure: measured, from }) => ({
    ...toldOf(code),
    measure,
    from,
    figure: measured,
  }));
}

/** Those that were called for come first, in the order of the catalogue. */
export function toTipsBody(own: OwnTips): TipsBody {
  const tips = TIP_CODES.map((code) => toTipBody(code, own));
  const isGiven = ({ given }: TipBody): boolean => given.length > 0;
  return { data: [...tips.filter(isGiven), ...tips.filter((tip) => !isGiven(tip))] };
}

export function toTipBody(code: TipCode, own: OwnTips): TipBody {
  return {
    ...toldOf(code),
    language: 'en',
    triggers: [...triggersOf('job', JOB_TIPS, code), ...triggersOf('account', WORK_TIPS, code)],
    given: (own.get(code) ?? []).map(({ of, jobId, measure, from, figure: measured }) => ({
      of,
      job_id: jobId,
      measure,
      from,
      figure: measured,
    })),
  };
}

function toldOf(code: TipCode): z.output<z.ZodObject<typeof told>> {
  return { code, ...TIP_TEXTS.en[code], link: `/v1/tips/${code}`, docs: TIPS_PAGE };
}

function triggersOf<M>(
  of: 'job' | 'account',
  rules: readonly TipRule<M>[],
  wanted: TipCode,
): TipBody['triggers'][number][] {
  return rules.filter(({ code }) => code === wanted).map(({ measure, from }) => ({ of, measure, from }));
}
