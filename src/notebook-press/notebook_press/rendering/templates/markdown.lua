-- Markdown pieces in (JSON on standard input), HTML out (JSON on standard output).
-- Run by `pandoc lua`. Each piece is read on its own, so what is left open in one ends with it. The
-- HTML holds whatever markup its authors wrote: it has to be sanitised.

local request = pandoc.json.decode(io.read('a'), false)
local reader = {format = 'gfm', extensions = {  -- as a table, which pandoc is quicker with
  emoji = false, footnotes = false, tex_math_dollars = false, tex_math_gfm = false,
  yaml_metadata_block = false,
}}
local writer = {format = 'html', extensions = {task_lists = false}}
local options = pandoc.WriterOptions{html_math_method = 'mathml', wrap_text = 'none'}

local taken = {}  -- every anchor on the page
local aliases = {}  -- the anchor that another spelling of it means
local level = 1  -- of the last heading; the title is level 1
local shift = 0  -- of all levels: 1 where other headings are as high as the title
local lost  -- of the piece at hand

local function plain(inlines) return pandoc.utils.stringify(inlines):match('^%s*(.-)%s*$') end

local function written(blocks)
  local html = pandoc.write(pandoc.Pandoc(blocks), writer, options):gsub('%s+$', '')
  return (html:gsub('(<mtd columnalign="%a+") style="[^"]*"', '%1'))  -- as the page's style has it
end

-- Pandoc is slow to begin, so what can be is written at once, and divided at these.
local MARGIN = '\u{fdd2}'

local function at_margins(html)
  local parts = pandoc.List()
  for part in html:gmatch('(.-)' .. MARGIN) do parts:insert(part:match('^%s*(.-)%s*$')) end
  return parts
end

-- How links to a heading may spell it: as it stands, or as JupyterLab and GitHub make anchors.
local function key(anchor)
  local decoded = anchor:gsub('%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end)
  return pandoc.text.lower(decoded)
end

local function reserve(anchor, ...)
  taken[anchor] = true
  for _, spelling in ipairs{anchor, ...} do
    if not aliases[key(spelling)] then aliases[key(spelling)] = anchor end
  end
end

local function unique(identifier)
  local base = identifier ~= '' and identifier or 'section'
  local candidate, count = base, 0
  while taken[candidate] do
    count = count + 1
    candidate = base .. '-' .. count
  end
  return candidate
end

local function is_html(raw) return raw.format:match('^html') end

local function without_comments(html)
  local kept, last = pandoc.List(), 1
  while true do
    local from, opened = html:find('<!--', last, true)
    local _, past = html:find('-->', opened or #html + 1, true)
    if not past then break end
    kept:insert(html:sub(last, from - 1))
    last = past + 1
  end
  kept:insert(html:sub(last))
  return table.concat(kept)
end

-- What of a raw piece a reader could see or follow, without tags and comments.
local function words_of(raw)
  return (without_comments(raw):gsub('<[^<>]*>', ''))
end

local function says_nothing(block)
  if block.t == 'RawBlock' then return not words_of(block.text):find('%S') end
  if block.t ~= 'Para' and block.t ~= 'Plain' then return block.t == 'HorizontalRule' end
  local without = block:walk{
    Image = function() return {} end,
    RawInline = function(raw) return pandoc.Str(words_of(raw.text)) end,
  }
  return not plain(without):find('%S')
end

local function as_heading(depth, attributes, inner)
  local inlines = pandoc.utils.blocks_to_inlines(pandoc.read(inner, 'html', {}, {}).blocks)
  local anchor = attributes:match('%f[%w]id%s*=%s*["\']([^"\']+)["\']')
  local side = attributes:match('%f[%w]align%s*=%s*["\']?(%a+)')
  local style = side and 'text-align: ' .. side or attributes:match('%f[%w]style%s*=%s*"([^"]*)"')
  return pandoc.Header(tonumber(depth), inlines, pandoc.Attr(
    anchor or key(plain(inlines):gsub('%s+', '-')), {}, style and {style = style} or {}))
end

-- HTML with the headings in it, and what stands between them.
local function with_headings(raw)
  local text, made = without_comments(raw.text), pandoc.List()
  local low = text:lower()
  local function add_html(from, to)
    if text:sub(from, to):find('%S') then made:insert(pandoc.RawBlock('html', text:sub(from, to))) end
  end
  local last = 1
  while not (low:find('<!%-%-') or low:find('<script') or low:find('<style')) do
    local from, past, depth, attributes = low:find('<h([1-6])(%s*[^<>]*)>', last)
    if not from then break end
    local closes, closed = low:find('</h' .. depth .. '%s*>', past)
    if not closes then break end
    add_html(last, from - 1)
    local inner = text:sub(past + 1, closes - 1)
    local header = as_heading(depth, text:sub(past - #attributes, past - 1), inner)
    made:insert(plain(header.content) ~= '' and header or pandoc.RawBlock('html', inner))
    last = closed + 1
  end
  add_html(last, #text)
  return made
end

local function nested_heading(header) return pandoc.Para{pandoc.Strong(header.content)} end

-- Formulas: `maths.py` left a mark in the text in the place of each.
local MARK = '@\u{fdd0}(%d+)\u{fdd1}@'
local readable = {}  -- by its TeX, whether pandoc makes MathML of a formula

local function typeset(formula, tex)
  return pandoc.Math(formula.display and 'DisplayMath' or 'InlineMath', tex)
end

local function find_readable()
  local all, inlines = pandoc.List(), pandoc.Inlines{}
  for _, piece in ipairs(request.pieces) do
    for _, formula in ipairs(piece.formulas) do
      for _, tex in ipairs{formula.tex, formula.later} do
        if tex ~= '' and readable[tex] == nil then
          readable[tex] = false
          all:insert(tex)
          inlines:extend{typeset(formula, tex), pandoc.RawInline('html', MARGIN)}
        end
      end
    end
  end
  for position, source in ipairs(at_margins(written{pandoc.Plain(inlines)})) do
    readable[all[position]] = source:find('<math', 1, true) ~= nil
  end
end
find_readable()

local function as_maths(formula)
  for _, tex in ipairs{formula.tex, formula.later} do
    if readable[tex] then return typeset(formula, tex) end
  end
end

-- What can't become MathML is shown as it was written.
local function shown(formula, refused)
  if formula.reference ~= '' then
    return pandoc.Link({pandoc.Str(formula.reference)}, '#' .. formula.anchor)
  end
  local made = as_maths(formula)
  if not made then
    refused:insert{what = 'Formula', note = 'as its TeX source'}
    made = pandoc.Code(formula.written, {class = formula.display and 'formula display' or 'formula'})
  end
  return formula.anchor ~= '' and pandoc.Span({made}, {id = formula.anchor}) or made
end

local function escaped(text)
  return (text:gsub('[&<>"]', {['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;'}))
end

local function has_formula(header)
  local found = false
  header:walk{Math = function() found = true end, Code = function() found = true end}
  return found
end

local function typesetter(formulas, refused)
  local function source(number)
    local formula = formulas[tonumber(number)]
    return formula and formula.source
  end
  local function as_html(number)
    local formula = formulas[tonumber(number)]
    return formula and written{pandoc.Plain{shown(formula, refused)}}
  end
  local function in_html(raw)
    raw.text = raw.text:gsub('<[^<>]*>', function(tag)
      return tag:gsub(MARK, function(number) return escaped(source(number) or '') end)
    end):gsub(MARK, as_html)
    return raw
  end
  local function in_code(code)
    code.text = code.text:gsub(MARK, source)
    return code
  end
  return {
    RawInline = in_html, RawBlock = in_html, Code = in_code, CodeBlock = in_code,
    Link = function(link) link.target = link.target:gsub(MARK, source) return link end,
    Image = function(image) image.src = image.src:gsub(MARK, source) return image end,
    Str = function(str)
      local inlines, last = pandoc.Inlines{}, 1
      for from, number, past in str.text:gmatch('()' .. MARK .. '()') do
        local formula = formulas[tonumber(number)]
        if formula then
          if from > last then inlines:insert(pandoc.Str(str.text:sub(last, from - 1))) end
          inlines:insert(shown(formula, refused))
          last = past
        end
      end
      if last == 1 then return nil end
      if last <= #str.text then inlines:insert(pandoc.Str(str.text:sub(last))) end
      return inlines
    end,
    Header = function(header)  -- its anchor was made of its words with marks
      if not header.identifier:find('%S') or not has_formula(header) then return nil end
      local words = pandoc.text.lower(plain(header.content))
      header.identifier = words:gsub('[^%w%s_\128-\255-]', ''):gsub('%s', '-')
      return header
    end,
  }
end

-- A formula that is shown as it was written, on lines of its own.
local function source_box(block)
  local only = #block.content == 1 and block.content[1]
  if only and only.t == 'Code' and only.classes:includes('display') then
    return pandoc.CodeBlock(only.text)
  end
end

local function read(piece)
  -- The last argument names the files that reading may open: none.
  local blocks = pandoc.Blocks{}
  if piece.markdown == '' then return blocks end
  for _, block in ipairs(pandoc.read(piece.markdown .. '\n', reader, {}, {}).blocks) do
    if block.t == 'RawBlock' then
      blocks:extend(with_headings(block))
    elseif block.t ~= 'Header' then
      blocks:insert(block:walk{RawBlock = with_headings})
    else
      blocks:insert(plain(block.content):find('%S') and block or pandoc.Para(block.content))
    end
  end
  return blocks
end

local function reserve_anchors(text)
  for tag in text:gmatch('<%a[^<>]*>') do
    local anchor = tag:match('%sid%s*=%s*["\']?([^"\'>%s]+)')
      or tag:match('^<[aA]%s') and tag:match('%sname%s*=%s*["\']?([^"\'>%s]+)')
    if anchor then reserve(anchor) end
  end
end

-- Letters alone, of formulas too where they have any.
local function in_words(content)
  return plain(content:walk{Math = function(formula)
    local alone = pandoc.Pandoc{pandoc.Plain{pandoc.Math('InlineMath', formula.text)}}
    return pandoc.Str((pandoc.write(alone, 'plain', {wrap_text = 'none'}):gsub('%s+$', '')))
  end})
end

local function anchor_of(header)
  local anchor = unique(header.identifier)
  local text = plain(header.content)
  local as_written = plain(header.content:walk{Math = function(formula)
    return pandoc.Str('$' .. formula.text .. '$')
  end})
  reserve(anchor, header.identifier, (text:gsub(' ', '-')), (as_written:gsub(' ', '-')))
  return anchor
end

-- In a list or a quotation: no part of the page's order, but links lead to it.
local function anchored(header)
  local strong = pandoc.Strong(header.content)
  return pandoc.Para{pandoc.Span({strong}, pandoc.Attr(anchor_of(header)))}
end

-- Levels never skip one downwards: readers of headings alone would look for what is missing.
local function place_heading(header)
  level = math.min(math.max(header.level + shift, 2), level + 1, 6)
  header.level = level
  local anchor = anchor_of(header)
  header.attr = pandoc.Attr(anchor, {}, {style = header.attributes.style})
  return {level = level, identifier = anchor, plain = in_words(header.content), content = header.content}
end

local function leads_to(address)
  local anchor = aliases[key(address:sub(2))]
  if anchor then return '#' .. anchor end
  if address ~= '#' then lost:insert{what = 'Link to ' .. address, note = 'it leads nowhere here'} end
end

local function linked(link)
  if link.target:sub(1, 1) ~= '#' then
    local to = link.target:lower()
    if to:match('^[/\\]') or to:match('^[^/?#]*:') and not (to:match('^https?:') or to:match('^mailto:')) then
      lost:insert{what = 'Link to ' .. link.target, note = 'it leads nowhere here'}
    end
    return nil
  end
  local found = leads_to(link.target)
  if not found then return link.content end
  link.target = found
  return link
end

local function raw_html(raw)
  if not is_html(raw) then return {} end
  raw.text = raw.text:gsub('<[aA]%s[^<>]*>', function(tag)
    tag = tag:gsub('(%s)name(%s*=)', '%1id%2')
    for _, written in ipairs{'"(#[^"]*)"', "'(#[^']*)'", '(#[^"\'%s>]*)'} do
      tag = tag:gsub('href%s*=%s*' .. written, function(address)
        local found = leads_to((address:gsub('&amp;', '&')))
        return found and 'href="' .. escaped(found) .. '"' or ''
      end)
    end
    return tag
  end)
  return raw
end

local ALERTS = {warning = 'alert-warning', caution = 'alert-danger'}

local function alert(div)
  local first = div.content[1]
  if first and first.t == 'Div' and first.classes:includes('title') then
    div.content[1] = pandoc.Para{pandoc.Strong(pandoc.utils.blocks_to_inlines(first.content))}
    return pandoc.Div(div.content, pandoc.Attr('', {'alert', ALERTS[div.classes[1]]}))
  end
end

-- Code as it stands: pandoc would give each of its lines an anchor.
local function code_block(block)
  local language = block.classes[1] or ''
  if language == 'mermaid' then lost:insert{what = 'Mermaid diagram', note = 'as its source'} end
  local named = language ~= '' and ' class="language-' .. escaped(language) .. '"' or ''
  return pandoc.RawBlock('html', '<pre><code' .. named .. '>'
    .. escaped(block.text) .. '</code></pre>')
end

local finish = {
  Link = linked, RawInline = raw_html, RawBlock = raw_html, Div = alert, CodeBlock = code_block,
}
local unlinked = {Link = function(link) return link.content end, Note = function() return {} end}
local undrawn = {Image = function(image) return image.caption end}

-- Notes are numbered in each piece; on the page their anchors have to differ.
local function with_own_notes(html, position)
  html = html:gsub('(id="fn)(r?e?f?%d+")', '%1-' .. position .. '-%2')
  html = html:gsub('(href="#fn)(r?e?f?%d+")', '%1-' .. position .. '-%2')
  return (html:gsub(' id="footnotes"', ''))
end

local documents = pandoc.List()
local refused = pandoc.List()  -- of each piece, the formulas that it shows as they were written
for position, piece in ipairs(request.pieces) do
  refused[position] = pandoc.List()
  local maths = typesetter(piece.formulas, refused[position])
  if piece.form == 'html' then
    piece.html = maths.RawBlock({text = piece.markdown}).text
    documents[position] = pandoc.Blocks{}
  else
    documents[position] = read(piece)
    if #piece.formulas > 0 then
      documents[position] = documents[position]:walk(maths):walk{Para = source_box}
    end
  end
end

-- Text with its footnotes, which are pieces of their own.
local function with_notes(notes)
  return function(str)
    local inlines, last = pandoc.Inlines{}, 1
    for from, name, past in str.text:gmatch('()%[%^([^%]]+)%]()') do
      if notes[name] then
        if from > last then inlines:insert(pandoc.Str(str.text:sub(last, from - 1))) end
        inlines:insert(pandoc.Note(documents[notes[name]]))
        last = past
      end
    end
    if last == 1 then return nil end
    if last <= #str.text then inlines:insert(pandoc.Str(str.text:sub(last))) end
    return inlines
  end
end

for position, piece in ipairs(request.pieces) do
  if next(piece.notes) then
    documents[position] = documents[position]:walk{Str = with_notes(piece.notes)}
  end
end

-- The title is the first heading of the first level, if nothing is said before it.
local function opening()
  for position, piece in ipairs(request.pieces) do
    if piece.form == 'prose' then
      for index, block in ipairs(documents[position]) do
        if block.t == 'Header' and block.level == 1 then
          local notes = pandoc.Inlines{}
          block.content:walk{Note = function(note) notes:insert(note) end}
          documents[position][index] = pandoc.Plain(notes)  -- a title has no room for them
          if #notes == 0 then documents[position]:remove(index) end
          return block.content, position
        end
        if not says_nothing(block) then return nil end
      end
    end
  end
end
local title, opened = opening()

for _, anchor in ipairs(request.identifiers) do taken[anchor] = true end
for position, piece in ipairs(request.pieces) do
  for _, block in ipairs(documents[position]) do
    if block.t == 'Header' and block.level == 1 and piece.form == 'prose' then shift = 1 end
  end
  documents[position]:walk{
    Span = function(span) if span.identifier ~= '' then reserve(span.identifier) end end,
    RawInline = function(raw) reserve_anchors(raw.text) end,
    RawBlock = function(raw) reserve_anchors(raw.text) end,
  }
end
if title then
  reserve(request.top, (plain(title):gsub(' ', '-')))
end

local placed = pandoc.List()  -- the headings of each piece
for position, piece in ipairs(request.pieces) do
  placed[position] = pandoc.List()
  documents[position] = pandoc.Blocks(documents[position]:map(function(block)
    local nested = piece.form == 'prose' and anchored or nested_heading
    if block.t ~= 'Header' then return block:walk{Header = nested} end
    if piece.form ~= 'prose' then return nested_heading(block) end
    placed[position]:insert(place_heading(block))
    return block
  end))
end

-- What the page names itself is found by its short name where no author used that.
for _, anchor in ipairs(request.identifiers) do
  reserve(anchor, (anchor:gsub('^' .. request.prefix:gsub('%p', '%%%0'), '')))
end

local function inline(blocks)
  return pandoc.Blocks{pandoc.Plain(pandoc.utils.blocks_to_inlines(blocks, {pandoc.Space()}))}
end

-- What is still to be written of the page.
local waiting, places = pandoc.Blocks{}, pandoc.List()

local function write_later(blocks, answer)
  waiting:extend(blocks)
  waiting:insert(pandoc.RawBlock('html', MARGIN))
  places:insert(answer)
end

local function has_notes(blocks)
  local found = false
  blocks:walk{Note = function() found = true end}
  return found
end

local function answer(piece, blocks, position)
  if piece.html or piece.form == 'note' then
    lost = pandoc.List(refused[position])
    local html = raw_html({format = 'html', text = piece.html or ''}).text
    return {source = html, plain = '', headings = pandoc.List(), lost = lost}
  end
  lost = pandoc.List()
  if piece.form == 'title' then blocks = blocks:walk(unlinked) end
  if piece.form == 'inline' or piece.form == 'title' then blocks = inline(blocks) end
  local text = piece.form == 'prose' and '' or in_words(blocks)
  local made = {source = '', plain = text, headings = pandoc.List()}
  for _, heading in ipairs(placed[position] or {}) do
    local content = pandoc.Inlines(heading.content):walk(unlinked):walk(undrawn):walk(finish)
    local shown = {level = heading.level, identifier = heading.identifier, plain = heading.plain}
    write_later(pandoc.Blocks{pandoc.Plain(content)}, shown)
    made.headings:insert(shown)
  end
  lost = pandoc.List(refused[position] or {})
  blocks = blocks:walk(finish)
  if has_notes(blocks) then
    made.source = with_own_notes(written(blocks), position)
  elseif #blocks > 0 then
    write_later(blocks, made)
  end
  made.lost = lost
  return made
end

local answers = pandoc.List()
for position, piece in ipairs(request.pieces) do
  answers:insert(answer(piece, documents[position], position))
end
local found
if title then
  found = answer({form = 'title'}, pandoc.Blocks{pandoc.Plain(title)}, #request.pieces + 1)
  found.piece = opened
  found.markdown = pandoc.write(pandoc.Pandoc{pandoc.Plain(title)}, 'gfm+tex_math_dollars', options)
    :gsub('%s+$', '')
end
for position, source in ipairs(at_margins(written(waiting))) do places[position].source = source end
io.write(pandoc.json.encode{title = found or pandoc.json.null, pieces = answers})
