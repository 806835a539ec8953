// Gives configurable-http-proxy its routes by its own REST interface. Standard input: lines "PREFIX TARGET".
'use strict';
const http = require('http');
const port = Number(process.argv[2]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean);

function add([prefix, target]) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent, method: 'POST', path: '/api/routes' + prefix }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error(prefix + ': ' + answer.statusCode))));
    });
    request.on('error', reject);
    request.end(JSON.stringify({ target }));
  });
}

(async () => {
  for (let i = 0; i < lines.length; i += 8) await Promise.all(lines.slice(i, i + 8).map((line) => add(line.split(' '))));
  agent.destroy();
})().catch((problem) => { console.error(problem.message); process.exit(1); });
