// Made by todoctl from todoctl.yaml (environment staging) and templates/load/k6.js.hbs; rendering writes it anew.
// k6 run load/k6.js   with BASE_URL and TOKEN in the environment; RPS and DURATION say otherwise than here.
// Without a token requests name their user by x-user-id, which only a local environment believes.
import { check } from 'k6';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || '').replace(/\/$/, '');
const TOKEN = __ENV.TOKEN || '';
const USERS = 100;

// Of a hundred requests; what is left lists.
const CREATES = 20;
const COMPLETES = 10;

/** Most tasks that a virtual user remembers to complete them later. */
const REMEMBERED = 50;

export const options = {
  // A rate that does not wait for answers: a slow platform gets no fewer requests.
  scenarios: {
    tasks: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RPS || 1000),
      timeUnit: '1s',
      duration: __ENV.DURATION || '10m',
      preAllocatedVUs: 200,
      maxVUs: 1000,
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<' + 100],
    http_req_failed: ['rate<0.001'],
    checks: ['rate>0.999'],
    dropped_iterations: ['count==0'],
  },
  discardResponseBodies: false,
};

// Each virtual user has its own.
const open = [];

export function setup() {
  if (BASE_URL === '') throw new Error('BASE_URL is missing: where is the platform?');
}

/** One request. */
export default function () {
  const drawn = Math.random() * 100;
  if (drawn < CREATES) create();
  else if (drawn < CREATES + COMPLETES && open.length > 0) complete(open.shift());
  else list();
}

function create() {
  const task = { title: `Load ${__VU}-${__ITER}`, priority: ['low', 'medium', 'high'][__ITER % 3], tags: ['load'] };
  const response = http.post(`${BASE_URL}/api/tasks`, JSON.stringify(task), requestOf('create', { 'content-type': 'application/json' }));
  if (check(response, { 'a task was made': ({ status }) => status === 201 }) && open.length < REMEMBERED) open.push(response.json('id'));
}

function list() {
  const response = http.get(`${BASE_URL}/api/tasks?completed=false&limit=20`, requestOf('list'));
  check(response, { 'tasks were listed': ({ status }) => status === 200 });
}

function complete(id) {
  const response = http.post(`${BASE_URL}/api/tasks/${id}/complete`, null, requestOf('complete'));
  check(response, { 'a task was completed': ({ status }) => status === 200 });
}

/** Requests of one kind count as one, whatever id their path has. */
function requestOf(name, headers = {}) {
  const who = TOKEN === '' ? { 'x-user-id': `load-${__VU % USERS}` } : { authorization: `Bearer ${TOKEN}` };
  return { headers: { ...headers, ...who }, tags: { name } };
}
