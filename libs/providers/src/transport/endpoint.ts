// Providers room: the address and key of a provider, checked once when an adapter is made.
// A wrong setting stops the start instead of failing every call later; the key is never part of a message.

export interface EndpointConfig {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** The full address of one operation. Throws on addresses that fetch would refuse or that carry secrets. */
export function endpointUrl(baseUrl: string, path: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError('a provider baseUrl must be an http or https address');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new RangeError('a provider baseUrl may hold neither credentials nor a query nor a fragment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${path}`;
}

/** Throws on keys that cannot be sent in a header. */
export function checkedApiKey(apiKey: string): string {
  if (!/^[\x21-\x7e]{1,4096}$/.test(apiKey)) {
    throw new RangeError('a provider apiKey must be printable ASCII without spaces');
  }
  return apiKey;
}
