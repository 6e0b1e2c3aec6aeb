// Verifies a card: the token of its QR code, by the keys and revocations that
// this server publishes. What the token is made of is told in docs/cards.md.
"use strict";

const at = (id) => document.getElementById(id);

// fromBase64url gives the bytes of a part of a JWS.
function fromBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("not base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

// compact gives the JWS of a code, which may be in digits: two for a character.
function compact(code) {
  const text = code.trim();
  if (text.length > 8192) throw new Error("too long");
  if (!text.startsWith("shc:/")) return text;
  const digits = text.slice(5);
  if (!/^([0-9][0-9])+$/.test(digits)) throw new Error("not digits");
  return digits.replace(/../g, (pair) => String.fromCharCode(Number(pair) + 45));
}

// inflate gives the text of a payload.
async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

async function published(path) {
  const response = await fetch(path, { cache: "no-cache", credentials: "omit" });
  if (!response.ok) throw new Error("The server did not answer.");
  return response.json();
}

// opened takes a token apart; it throws where the code is none.
async function opened(code) {
  const parts = compact(code).split(".");
  if (parts.length !== 3) throw new Error("not a token");
  const header = JSON.parse(new TextDecoder().decode(fromBase64url(parts[0])));
  if (header.alg !== "ES256" || header.zip !== "DEF") throw new Error("not our kind of token");
  const card = JSON.parse(await inflate(fromBase64url(parts[1])));
  return { header, card, signed: new TextEncoder().encode(parts[0] + "." + parts[1]), signature: fromBase64url(parts[2]) };
}

async function isSigned(token, keys) {
  const key = keys.find((k) => k.kid === token.header.kid && k.kty === "EC" && k.crv === "P-256");
  if (!key) return false;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const imported = await crypto.subtle.importKey("jwk", { kty: key.kty, crv: key.crv, x: key.x, y: key.y }, curve, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, token.signature, token.signed);
}

// verdict gives the state of a card, why, and what the card says.
async function verdict(code, now) {
  let token;
  try {
    token = await opened(code);
  } catch {
    const number = /^[0-9]{2,20}$/.test(code.trim());
    return { state: "unknown", why: number ? "This is the small code: it holds only the insurance number. Scan the large one." : "This is not the code of a card." };
  }
  const keys = await published("/.well-known/jwks.json");
  const revoked = await published("/.well-known/card-revocations.json");
  if (!(await isSigned(token, keys.keys))) return { state: "unknown", why: "It is not signed by this scheme." };
  const card = token.card;
  if (!card.jti || !card.sub) return { state: "unknown", why: "It is signed, but it is no card." };
  if (revoked.cards.includes(card.jti)) return { state: "revoked", why: "The card was reported lost or replaced by another.", card };
  if (now >= card.exp) return { state: "expired", why: "Its time is over.", card };
  if (now < card.nbf) return { state: "early", why: "Its time has not begun.", card };
  return { state: "valid", why: "", card };
}

const words = { valid: "Valid", expired: "Expired", revoked: "Revoked", unknown: "Unknown", early: "Not yet valid" };

const day = (seconds) => new Date(seconds * 1000).toLocaleDateString(undefined, { dateStyle: "long" });

function show(result) {
  at("result").hidden = false;
  at("result").className = result.state;
  at("state").textContent = words[result.state];
  at("why").textContent = result.why;
  const facts = at("facts");
  facts.replaceChildren();
  if (!result.card) return;
  const card = result.card;
  const rows = [["Insurance number", card.sub], ["Name", card.name], ["Plan", card.plan], ["From", day(card.nbf)], ["Until", day(card.exp - 1)], ["Card", card.jti]];
  for (const [label, value] of rows) {
    if (!value) continue;
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = label;
    text.textContent = value;
    text.dir = "auto";
    facts.append(term, text);
  }
}

async function verify(code) {
  try {
    show(await verdict(code, Date.now() / 1000));
  } catch (error) {
    show({ state: "unknown", why: "It can't be verified now: " + error.message });
  }
}

// scan looks through the camera until it sees a code.
async function scan() {
  const view = at("view");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } } });
  try {
    view.srcObject = stream;
    view.hidden = false;
    await view.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    for (const end = Date.now() + 60000; Date.now() < end; ) {
      const codes = await detector.detect(view);
      const found = codes.find((c) => c.rawValue.startsWith("shc:/"));
      if (found) {
        at("code").value = found.rawValue;
        return await verify(found.rawValue);
      }
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    view.hidden = true;
  }
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  verify(at("code").value);
});

if ("BarcodeDetector" in window && navigator.mediaDevices) {
  at("camera").hidden = false;
  at("scan").addEventListener("click", () => {
    scan().catch((error) => show({ state: "unknown", why: "The camera can't be used: " + error.message }));
  });
}
