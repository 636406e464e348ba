// API room. What tips say, by language and code. A language is whole or does not compile; codes never change.
import type { TipCode } from '@fairmeter/domain';

export interface TipText {
  readonly title: string;
  readonly text: string;
}

export const TIP_LANGUAGES = ['en'] as const;
export type TipLanguage = (typeof TIP_LANGUAGES)[number];

export const TIP_TEXTS: Readonly<Record<TipLanguage, Readonly<Record<TipCode, TipText>>>> = {
  en: {
    be_specific: {
      title: 'Say what you want in full',
      text: 'Each question that has to be asked back is a call of its own. Name the goal, the limits and an example.',
    },
    split_large_task: {
      title: 'Split a large task',
      text: 'Many files at once are repaired at once. Ask for them in stages and look at each before the next.',
    },
    fit_model: {
      title: 'Choose the model to fit the task',
      text: 'A small request does as well on a smaller model. Compare them at /v1/models.',
    },
    reuse_prefix: {
      title: 'Keep what repeats at the beginning',
      text: 'Instructions that stay the same, put first and unchanged, are read from a cache at a lower rate.',
    },
    select_less: {
      title: 'Send the lines that matter',
      text: 'Everything sent along is read and charged. A selection costs less than whole files.',
    },
    join_small_tasks: {
      title: 'Join small tasks',
      text: 'Each request costs the smallest charge at least. Several small tasks in one request share it.',
    },
    fix_errors_early: {
      title: 'Mend errors early',
      text: 'Each further round works on top of the error before it. Stop, mend the cause, then go on.',
    },
    explain_first: {
      title: 'Ask for an explanation first',
      text: 'Where it is not clear what should change, an explanation costs less than a change that misses.',
    },
    review_first: {
      title: 'Look at the last answer first',
      text: 'The same was asked before. Review that answer before you ask again: asking again is charged again.',
    },
    fresh_thread: {
      title: 'Begin a fresh thread',
      text: 'Most of what was read is what was said before. A new thread with a short summary reads far less.',
    },
    watch_usage: {
      title: 'Watch your usage',
      text: 'Work comes near its limits. Look at /v1/account/usage, ask for a quote, or raise the budget in time.',
    },
    learn_from_costly: {
      title: 'Learn from the dearest request',
      text: 'One request cost many times the average. Its cost, step by step, shows what made it so large.',
    },
  },
};
