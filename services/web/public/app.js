// The page's life: who is here, what she has, what happens.
import { createApi } from './api.js';
import { follow } from './live.js';
import { createTasks } from './tasks.js';
import { clearEvents, readForm, showEvent, showProblem, showState, showTasks } from './view.js';

const identity = document.getElementById('identity');
const add = document.getElementById('add');
const { auth } = await fetch('/settings.json').then((response) => response.json());
const byName = auth === 'local';
// A name may stay; a token must not outlive the tab.
const memory = byName ? localStorage : sessionStorage;
const MEMORY_KEY = byName ? 'todo-user' : 'todo-token';

const who = () => identity.value.trim();
const api = createApi(() => (byName ? { 'x-user-id': who() } : { authorization: `Bearer ${who()}` }));
let tasks = createTasks();
let unfollow = () => {};
let visit = 0;

const act = {
  toggle: (task) => attempt(async () => put(await (task.completed ? api.reopen(task.id) : api.complete(task.id)))),
  remove: (task) => attempt(async () => {
    await api.remove(task.id);
    if (tasks.remove(task.id)) showTasks(tasks, act);
  }),
};

/** Begins anew as whoever the field names. */
async function begin() {
  const mine = (visit += 1);
  unfollow();
  memory.setItem(MEMORY_KEY, who());
  tasks = createTasks();
  clearEvents();
  showProblem('');
  showState('connecting');
  await attempt(async () => {
    const listed = await api.list();
    // Somebody else was named meanwhile.
    if (mine !== visit) return;
    for (const task of listed.tasks) tasks.put(task);
    showTasks(tasks, act);
    unfollow = follow({ position: listed.position, address, onChange, onState: showState });
  }, () => mine === visit && setTimeout(() => mine === visit && begin(), 3000));
}

function address(position) {
  const url = new URL('/live', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set(byName ? 'user' : 'access_token', who());
  url.searchParams.set('after', position);
  return url;
}

function onChange(change) {
  const { action, task_data: task } = change;
  const news = action === 'deleted' ? tasks.remove(task.id) : tasks.put(task);
  if (news) showTasks(tasks, act);
  showEvent(change);
}

function put(task) {
  if (tasks.put(task)) showTasks(tasks, act);
}

/** Does something and says what went wrong, in the page. */
async function attempt(work, failed = () => {}) {
  try {
    await work();
    showProblem('');
  } catch (error) {
    showProblem(error.message === 'Failed to fetch' ? 'The platform does not answer.' : error.message);
    showTasks(tasks, act);
    failed();
  }
}

add.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = add.querySelector('button');
  button.disabled = true;
  await attempt(async () => {
    put(await api.create(readForm(add)));
    add.reset();
  });
  button.disabled = false;
  add.elements.title.focus();
});
// A rule starts at its due date.
add.elements.repeat.addEventListener('change', () => (add.elements.due.required = add.elements.repeat.value !== ''));
add.addEventListener('reset', () => (add.elements.due.required = false));
document.getElementById('who').addEventListener('submit', (event) => event.preventDefault());
identity.addEventListener('change', () => who() && begin());

if (!byName) {
  document.getElementById('identity-label').textContent = 'Token';
  identity.type = 'password';
  identity.maxLength = 8192;
}
identity.value = memory.getItem(MEMORY_KEY) ?? (byName ? 'demo' : '');
if (who()) await begin();
else showState('refused');
