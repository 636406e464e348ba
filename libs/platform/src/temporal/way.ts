// Temporal connection: which server, and how it is spoken to. Loads neither client nor worker.
export interface TemporalAddress {
  /** host:port */
  readonly address: string;
  readonly namespace: string;
  /** Off unless said. */
  readonly tls?: boolean;
  /** Sent with every call. */
  readonly apiKey?: string | undefined;
}

/** What both libraries take. */
export function wayTo({ address, tls = false, apiKey }: Omit<TemporalAddress, 'namespace'>): {
  address: string;
  tls: boolean;
  apiKey?: string;
} {
  // Said, not left out: of a key alone the client library would conclude TLS, even where it was switched off by name.
  return { address, tls, ...(apiKey === undefined ? {} : { apiKey }) };
}
