// Domain room. The tips of several jobs at once, as somebody who looks into a thread or a case gives them: each code
// once, by the job that calls for it most.
import type { JobMeasures, Tip } from './tips.js';
import { JOB_TIPS, tipsOf } from './tips.js';

export function adviceOf(jobs: readonly JobMeasures[]): readonly Tip[] {
  const given = jobs.flatMap((job) => tipsOf(JOB_TIPS, job));
  return JOB_TIPS.flatMap(({ code, measure }) => {
    const same = given.filter((tip) => tip.code === code && tip.measure === measure);
    const most = same.reduce<Tip | null>((best, tip) => (best === null || tip.figure > best.figure ? tip : best), null);
    return most === null ? [] : [most];
  });
}
