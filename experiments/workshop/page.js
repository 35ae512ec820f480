window.restock = {
  place(values) { for (const [id, value] of Object.entries(values)) { const it = document.getElementById(id);
    if (!it) continue; if (it.type === 'checkbox') it.checked = value; else it.value = value; restock.say(it); } },
  say(it) { if (it.type === 'range') it.setAttribute('aria-valuetext', it.value + (it.dataset.unit || '')); },
  address(query) { history.replaceState(null, '', query); },
  copy(text) { if (navigator.clipboard) navigator.clipboard.writeText(text); },
  save(name, type, text) { const a = document.createElement('a'); a.download = name;
    a.href = URL.createObjectURL(new Blob([text], {type})); a.click(); URL.revokeObjectURL(a.href); },
};
