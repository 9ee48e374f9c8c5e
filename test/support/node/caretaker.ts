// Takes away what a node holds, once its owner closes this program's stdin: by asking for it, or by ending, however that happens.
// Run: node test/support/node/caretaker.ts CLAIM-FILE
import { readFileSync, rmSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { takeAway, type Holdings } from './leftovers.ts';

const [claim = ''] = process.argv.slice(2);
const { holdings } = JSON.parse(readFileSync(claim, 'utf8')) as { holdings: Holdings };
await buffer(process.stdin);
await takeAway(holdings);
rmSync(claim, { force: true });
