// Makes the picture of docs/neo4j-browser.md in the real Neo4j Browser: connects, drops the style on the page, asks a saved query, and
// photographs the answer. Wants Node 18 or later, a Chromium, and a Neo4j without a password that holds the sample:
//
//   make neo4j NEO4J="--home /tmp/picture --no-password" && idweave demo --store neo4j://127.0.0.1:7687
//   npm install --prefix /tmp/picture-tools puppeteer-core@24
//   NODE_PATH=/tmp/picture-tools/node_modules node docs/neo4j/picture.mjs
//
// CHROMIUM names the program, BROWSER and BOLT the addresses, QUERY a file of idweave/, PARAMETERS its parameters as JSON, and PICTURE the
// file to write. Nothing but loopback is let through.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const puppeteer = createRequire(import.meta.url)('puppeteer-core')
const here = name => fileURLToPath(new URL(name, import.meta.url))
const {
  CHROMIUM = '/usr/bin/chromium',
  BROWSER = 'http://127.0.0.1:7474/browser/',
  BOLT = 'bolt://127.0.0.1:7687',
  QUERY = '01-who-is-behind.cypher',
  PARAMETERS = '{"identifier": "social:x:kneal1985"}',
  PICTURE = here('browser.png'),
  SECONDS = '60',
} = process.env
// Where the nodes go, by how their captions begin: the log-in by @kneal1985 at the left, the order in the middle, the guest order at the right.
const LAYOUT = {
  'x:kneal1985': [120, 215],
  '35f9c77f': [130, 480],
  'kelly.neal@': [340, 350],
  'c.98a4fd9': [200, 650],
  shop_us: [630, 135],
  kelleyneal: [545, 285],
  '+1503': [715, 375],
  'kneal85@': [920, 230],
  'c.ce2696': [920, 550],
  KellyNeal: [520, 720],
}
const SCALE = 1.15 // at most, so that there is room between them
const timeout = Number(SECONDS) * 1000

const chromium = await puppeteer.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  defaultViewport: { width: 1280, height: 860, deviceScaleFactor: 1 },
})
try {
  const page = await chromium.newPage()
  await page.setRequestInterception(true)
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url())
    const near = ['data:', 'blob:'].includes(protocol) || hostname === '127.0.0.1'
    near ? request.continue() : request.abort()
  })
  await connect(page)
  await drop(page, 'idweave.grass')
  await command(page, `:params ${PARAMETERS}`)
  await command(page, readFileSync(here(`idweave/${QUERY}`), 'utf8'))
  await photograph(page)
} finally {
  await chromium.close()
}

async function connect(page) {
  await page.goto(`${BROWSER}?dbms=${BOLT}&preselectAuthMethod=[NO_AUTH]`, { waitUntil: 'domcontentloaded', timeout })
  await page.waitForSelector('[data-testid="connect"]', { timeout })
  const method = await page.waitForSelector('select:has(option[value="NO_AUTH"])', { timeout })
  await method.select('NO_AUTH')
  await page.waitForFunction(() => !document.querySelector('input[type="password"]'), { timeout }) // it moves the button
  await page.$eval('[data-testid="connect"]', button => button.click())
  // The page says so, and then again in the drawer's icon, once its worker has connected as well.
  await page.waitForFunction(() => /working connection|You are connected/.test(document.body.innerText), { timeout })
}

// As a person drags a file from a folder.
async function drop(page, name) {
  await page.evaluate(
    (text, name) => {
      const carried = new DataTransfer()
      carried.items.add(new File([text], name, { type: 'text/plain' }))
      const target = document.querySelector('.monaco-editor')
      for (const kind of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }))
    },
    readFileSync(here(name), 'utf8'),
    name,
  )
  await page.waitForFunction(() => document.body.innerText.includes('node.Profile'), { timeout })
}

async function command(page, text) {
  const frames = await page.$$eval('article', all => all.length)
  await page.click('.monaco-editor .view-lines')
  await page.keyboard.sendCharacter(text.replace(/^\/\/.*\n/gm, ''))
  await page.keyboard.down('Control')
  await page.keyboard.press('Enter')
  await page.keyboard.up('Control')
  await page.waitForFunction(known => document.querySelectorAll('article').length > known, { timeout }, frames)
}

async function photograph(page) {
  await page.waitForSelector('article svg g.node', { timeout })
  await page.click('article button[title="Fullscreen"]')
  await settled(page)
  await page.click('article [aria-label="zoom-to-fit"]')
  await settled(page)
  while ((await scale(page)) > SCALE) {
    await page.click('article [aria-label="zoom-out"]')
    await settled(page)
  }
  for (const [caption, place] of Object.entries(LAYOUT)) await drag(page, caption, place)
  await settled(page)
  await page.screenshot({ path: PICTURE })
}

async function scale(page) {
  return page.$eval('article svg g.node circle', circle => circle.getBoundingClientRect().width / circle.getBBox().width)
}

// As a person drags a node to where it is seen better; it stays there.
async function drag(page, caption, [x, y]) {
  const node = await page.evaluate(caption => {
    const found = [...document.querySelectorAll('article svg g.node')].find(one => one.textContent.replace(/\s/g, '').startsWith(caption))
    const { x, y, width, height } = found.querySelector('circle').getBoundingClientRect()
    return [x + width / 2, y + height / 2]
  }, caption)
  await page.mouse.move(...node)
  await page.mouse.down()
  await page.mouse.move(x, y, { steps: 10 })
  await page.mouse.up()
}

// Nodes push each other apart for some seconds.
async function settled(page) {
  await page.waitForFunction(
    () => {
      const now = [...document.querySelectorAll('article svg g')].map(one => one.getAttribute('transform')).join()
      const { was, since } = window.seen ?? {}
      if (was !== now) window.seen = { was: now, since: Date.now() }
      return was === now && Date.now() - since > 1500
    },
    { timeout, polling: 100 },
  )
}
