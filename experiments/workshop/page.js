window.restock = {
  place(values) { for (const [id, value] of Object.entries(values)) { const it = document.getElementById(id);
    if (!it) continue; if (it.type === 'checkbox') it.checked = value; else it.value = value; restock.say(it); } },
  say(it) { if (it.type === 'range') it.setAttribute('aria-valuetext', it.value + (it.dataset.unit || '')); },
  chosen(name) { const it = document.querySelector(`input[name=${name}]:checked`); return it ? it.value : ''; },
  address(query) { history.replaceState(null, '', query); },
  copy(text) { if (navigator.clipboard) navigator.clipboard.writeText(text); },
  save(name, type, text) { const a = document.createElement('a'); a.download = name;
    a.href = URL.createObjectURL(new Blob([text], {type})); a.click(); URL.revokeObjectURL(a.href); },
  page(name, text) { const all = [...document.querySelectorAll('.rs-figures figure canvas')];
    restock.save(name, 'text/html', text.replace(/picture:(\d+)/g, (_, k) => all[k].toDataURL('image/png'))); },
  slide(name, title) { const slide = document.createElement('canvas'); slide.width = 1600; slide.height = 900;
    const pen = slide.getContext('2d'); pen.fillStyle = '#fff'; pen.fillRect(0, 0, 1600, 900); pen.fillStyle = '#1b1b1b';
    pen.font = '600 30px system-ui, sans-serif'; pen.fillText(title, 40, 60, 1520);
    const cards = [...document.querySelectorAll('.rs-card')];
    cards.forEach((card, k) => { const x = 40 + k * 1520 / cards.length, wide = 1520 / cards.length - 20;
      pen.fillStyle = getComputedStyle(card).borderTopColor; pen.fillRect(x, 90, wide, 8); pen.fillStyle = '#1b1b1b';
      pen.font = '600 24px system-ui, sans-serif'; pen.fillText(card.querySelector('h2').textContent, x, 130, wide);
      pen.font = '22px system-ui, sans-serif'; const names = card.querySelectorAll('dt'), figures = card.querySelectorAll('dd');
      names.forEach((it, n) => pen.fillText(it.textContent + '  ' + figures[n].textContent, x, 162 + 30 * n, wide)); });
    const figures = [...document.querySelectorAll('.rs-figures figure')];
    figures.forEach((figure, k) => { const it = figure.querySelector('canvas'), wide = 1520 / figures.length - 20;
      const x = 40 + k * 1520 / figures.length, high = Math.min(490, wide * it.height / it.width);
      pen.font = '600 24px system-ui, sans-serif'; pen.fillText(figure.querySelector('h2').textContent, x, 350, wide);
      pen.drawImage(it, x, 370, high * it.width / it.height, high); });
    const a = document.createElement('a'); a.download = name; a.href = slide.toDataURL('image/png'); a.click(); },
};
