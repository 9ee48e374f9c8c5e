import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { web } from '../../../services/web/service.ts';
import { callerOf, type Caller } from '../support/http.ts';
import { run, type Running } from '../support/running.ts';

const folder = path.resolve('services/web/public');
const files = readdirSync(folder);
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

let page: Running;
let anyone: Caller;
beforeAll(async () => {
  page = await run({ service: 'web' }, (parts) => web(parts, folder));
  anyone = callerOf(page.url);
});
afterAll(() => page?.stop());

describe('the page', () => {
  test('is served to anyone, with all that it links to', async () => {
    const answer = await anyone('GET', '/');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const links = [...String(answer.body).matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]);
    expect(links.sort()).toEqual(['app.css', 'app.js', 'icon.svg']);
    const imports = files.filter((name) => name.endsWith('.js')).flatMap((name) => [...read(name).matchAll(/from '\.\/([^']+)'/g)].map((match) => match[1] ?? ''));
    for (const name of [...links, ...imports]) expect([name, (await anyone('GET', `/${name}`)).status]).toEqual([name, 200]);
  });

  test.each(files)('%s may load and call nothing but its own origin', async (name) => {
    const { headers } = await anyone('GET', name === 'index.html' ? '/' : `/${name}`);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('costs nothing the second time (304), and a new release is seen at once', async () => {
    const first = await anyone('GET', '/app.js');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('no-cache');
    expect(await anyone('GET', '/app.js', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, body: '' });
    expect((await anyone('GET', '/app.js', { headers: { 'if-none-match': '"of another release"' } })).status).toBe(200);
    expect((await anyone('GET', '/app.css')).headers.get('etag')).not.toBe(etag);
  });

  test('learns how its user says who she is', async () => {
    expect(await anyone('GET', '/settings.json')).toMatchObject({ status: 200, body: { auth: 'local' } });
  });

  test('has nothing beside its files', async () => {
    for (const way of ['/main.ts', '/../main.ts', '/%2e%2e/main.ts', '/public/app.js']) expect((await anyone('GET', way)).status).toBe(404);
  });
});

describe('its sources', () => {
  test('hold no address of another site', () => {
    for (const name of files) expect([name, read(name).replaceAll('http://www.w3.org/2000/svg', '').match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]/gi)]).toEqual([name, null]);
  });

  test('hold no script, style or handler in the markup', () => {
    const html = read('index.html');
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/i);
  });

  test('never make markup of text', () => {
    for (const name of files) expect([name, read(name).match(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/)]).toEqual([name, null]);
  });

  test('name every field for who cannot see it', () => {
    const html = read('index.html');
    const ids = [...html.matchAll(/<(?:input|select) id="([^"]+)"/g)].map((match) => match[1]);
    expect(ids.length).toBeGreaterThan(3);
    for (const id of ids) expect([id, new RegExp(`<label[^>]*for="${id}"|<label[^>]*>(?:(?!</label>)[\\s\\S])*id="${id}"`).test(html)]).toEqual([id, true]);
  });
});

test('a file of an unknown kind does not get in unnoticed', async () => {
  await expect(web({ config: { service: 'web' } as never }, path.resolve('services/contracts'))).rejects.toThrow(/has no content type|EISDIR/);
});
