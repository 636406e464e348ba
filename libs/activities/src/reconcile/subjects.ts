// Activities room. How drift names an attempt: by its job, its step and its number.
export interface AttemptNamed {
  readonly jobId: string;
  readonly ordinal: number;
  readonly number: number;
}

export function attemptSubject({ jobId, ordinal, number }: AttemptNamed): string {
  return `${jobId}/${ordinal}/${number}`;
}

export function attemptOfSubject(subject: string): AttemptNamed {
  const [jobId = '', ordinal, number] = subject.split('/');
  return { jobId, ordinal: Number(ordinal), number: Number(number) };
}
