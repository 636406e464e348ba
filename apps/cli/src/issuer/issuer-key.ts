// Command line. The key pair of the local issuer, made once and kept in the private state folder.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { CryptoKey, JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';

export const ISSUER_ALGORITHM = 'ES256';

export interface IssuerKey {
  readonly id: string;
  readonly signing: CryptoKey | Uint8Array;
  /** For everybody to check with. */
  readonly published: JWK;
}

/** Without a file it lives as long as the process. */
export async function issuerKey(file: string | undefined): Promise<IssuerKey> {
  const kept = file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JWK) : undefined;
  const secret = kept ?? (await newKey());
  if (kept === undefined && file !== undefined) writeFileSync(file, JSON.stringify(secret), { mode: 0o600 });
  const { d: _secret, ...open } = secret;
  const id = await calculateJwkThumbprint(open);
  return {
    id,
    signing: await importJWK(secret, ISSUER_ALGORITHM),
    published: { ...open, kid: id, alg: ISSUER_ALGORITHM, use: 'sig' },
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ISSUER_ALGORITHM, { extractable: true });
  return exportJWK(privateKey);
}
