// Reads a page as it is drawn: called with the marks of what stands in a line and of a block.
([edge, block]) => {
  const skipped = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'NOSCRIPT', 'HEAD', 'OBJECT', 'DATALIST', 'RT', 'RP',
    'ANNOTATION', 'ANNOTATION-XML', 'TITLE', 'DESC', 'METADATA', 'DEFS', 'SYMBOL']);
  const seen = [], unseen = [], faint = [], named = [], sets = [], styles = [];
  const opened = new Set();
  for (const one of document.querySelectorAll('[aria-controls], [data-target], [data-bs-target], a[href^="#"]'))
    for (const name of ['aria-controls', 'data-target', 'data-bs-target', 'href'])
      for (const id of (one.getAttribute(name) || '').split(/\s+/)) if (id) opened.add(id.replace(/^#/, ''));
  const opens = element => element.matches(
    'dialog, details > *, [popover], [role=dialog], [role=tabpanel], [hidden=until-found]') || opened.has(element.id);
  const full = address => { try { return new URL(address, document.baseURI).href } catch { return '' } };
  const picture = element => {
    for (const name of ['src', 'data', 'href', 'xlink:href', 'poster', 'background']) {
      const said = element.getAttribute(name);
      if (said && element.matches(
        'img, image, feImage, video, embed, object, input[type=image], [background]')) named.push(full(said));
    }
    if (element.currentSrc && element.matches('img')) named.push(element.currentSrc);
    if (element.matches('img, picture > source')) sets.push(element.getAttribute('srcset') || '');
  };
  const styled = style => {
    for (const said of [style.backgroundImage, style.content, style.borderImageSource, style.maskImage,
      style.listStyleImage]) if (said && said.includes('(')) styles.push(said);
  };
  const drawn = (element, which) => {
    const style = getComputedStyle(element, which);
    styled(style);
    return /^"/.test(style.content) ? style.content.replace(/^"|"$/g, '') : '';
  };
  const walk = (node, out) => {
    if (node.nodeType === Node.TEXT_NODE) { out.push(node.data); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) {
      if (node.childNodes) for (const child of node.childNodes) walk(child, out);
      return;
    }
    picture(node);
    if (skipped.has(node.tagName.toUpperCase())) return;
    const style = getComputedStyle(node);
    styled(style);
    let to = out;
    if (style.display === 'none' && !opens(node)) to = unseen;
    else if (out !== unseen && style.opacity === '0') to = faint;
    if (style.visibility !== 'visible' && to !== unseen && !node.matches('[popover], dialog')) to = unseen;
    else if (style.visibility === 'visible' && out === unseen && style.display !== 'none'
      && node.parentElement && getComputedStyle(node.parentElement).visibility !== 'visible') to = seen;
    const mark = /^(inline|ruby|contents)/.test(style.display) ? edge : block;
    to.push(mark, drawn(node, '::before'));
    if (node.matches('textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])' +
      ':not([type=password])')) to.push(node.value);
    else if (node.localName === 'iframe') {
      let inside = null;
      try { inside = node.contentDocument } catch {}
      if (inside && inside.body) walk(inside.body, to);
    } else {
      const slotted = node.localName === 'slot' ? node.assignedNodes() : [];
      const children = node.shadowRoot ? node.shadowRoot.childNodes : slotted.length ? slotted : node.childNodes;
      for (const child of children) walk(child, to);
    }
    to.push(drawn(node, '::after'), mark);
  };
  walk(document.body, seen);
  return {
    address: location.href, title: document.title, at: document.baseURI, html: document.documentElement.outerHTML,
    seen: seen.join(''), unseen: unseen.join(''), faint: faint.join(''), named, sets, styles,
    asks: Boolean(document.querySelector('input[type=password]')),
  };
}
