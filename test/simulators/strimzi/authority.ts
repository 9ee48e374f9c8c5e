import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A certificate and its key, both PEM; the key as PKCS#8, which Kafka reads. */
export interface Signed {
  cert: string;
  key: string;
}

const openssl = promisify(execFile);
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority of its own, like the two that Strimzi makes for each cluster; with its PKCS#12 store, whose password is `password`. */
export async function newAuthority(name: string, password: string): Promise<Signed & { store: Buffer }> {
  return inFolder(async (folder) => {
    const run = (...args: string[]): Promise<unknown> => openssl('openssl', args, { cwd: folder });
    await run('req', '-x509', ...EC, '-keyout', 'key', '-out', 'cert', '-days', '365', '-subj', `/O=io.strimzi/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
    await writeFile(path.join(folder, 'password'), password);
    await run('pkcs12', '-export', '-nokeys', '-in', 'cert', '-out', 'store', '-passout', 'file:password');
    return { ...(await signedIn(folder)), store: await readFile(path.join(folder, 'store')) };
  });
}

/** A certificate of that authority for a server of these names. */
export async function newCertificate(authority: Signed, name: string, names: readonly string[]): Promise<Signed> {
  return inFolder(async (folder) => {
    const run = (...args: string[]): Promise<unknown> => openssl('openssl', args, { cwd: folder });
    await Promise.all([
      writeFile(path.join(folder, 'ca.cert'), authority.cert),
      writeFile(path.join(folder, 'ca.key'), authority.key, { mode: 0o600 }),
      writeFile(path.join(folder, 'names'), `subjectAltName=${names.map((each) => `DNS:${each}`).join(',')}\n`),
    ]);
    await run('req', ...EC, '-keyout', 'key', '-out', 'request', '-subj', `/O=io.strimzi/CN=${name}`);
    await run('x509', '-req', '-in', 'request', '-CA', 'ca.cert', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'cert', '-days', '365', '-extfile', 'names');
    return signedIn(folder);
  });
}

async function signedIn(folder: string): Promise<Signed> {
  const [cert, key] = await Promise.all(['cert', 'key'].map((file) => readFile(path.join(folder, file), 'utf8')));
  return { cert: cert ?? '', key: key ?? '' };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strimzi-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
