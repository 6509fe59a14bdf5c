-- Sanitised HTML in (JSON on standard input), Typst or plain text out (JSON on standard output).
-- Run by `pandoc lua`. Whatever the HTML holds, Typst gets text as string literals only.

local request = pandoc.json.decode(io.read('a'), false)
local target = request.target
local options = pandoc.WriterOptions{wrap_text = 'none'}

local function typst_string(text)
  local escaped = text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('\n', '\\n'):gsub('\t', '\\t')
  return '"' .. escaped .. '"'
end

-- As `breakable` of typst.py has it: spaces of no width in words too long for a line.
local function breakable(text, longest)
  return (text:gsub('%S+', function(word)
    if (utf8.len(word) or 0) <= longest then return word end
    local letters = {}
    for _, code in utf8.codes(word) do
      if #letters % 9 == 8 then letters[#letters + 1] = '\u{200b}' end
      letters[#letters + 1] = utf8.char(code)
    end
    return table.concat(letters)
  end))
end

local function typst_inline(source) return pandoc.RawInline('typst', source) end
local function typst_block(source) return pandoc.RawBlock('typst', source) end

local function around(before, content, after, made)
  local all = content:clone()
  all:insert(1, made(before))
  all:insert(made(after))
  return all
end

local MARGIN = '\u{fdd2}'  -- which no sanitised text holds

local function plain(inlines) return pandoc.utils.stringify(inlines) end

local function written(blocks)
  return (pandoc.write(pandoc.Pandoc(blocks), target, options):gsub('%s+$', ''))
end

-- Where pandoc makes no plain text of a formula, that of its MathML: rows follow each other.
local SIGNS = {mfrac = {'', ' / ', ''}, msup = {'', '^', ''}, msub = {'', '_', ''},
  munder = {'', '_', ''}, mover = {'', '^', ''}, msubsup = {'', '_', '^'},
  munderover = {'', '_', '^'}, msqrt = {'√(', '', ''}, mroot = {'√(', '; ', ''}}
local SPACED = {['='] = true, ['<'] = true, ['>'] = true, ['+'] = true, ['−'] = true, ['≤'] = true,
  ['≥'] = true, ['≠'] = true, ['→'] = true, ['∈'] = true, ['∼'] = true, ['≈'] = true}

local function words_of(mathml)
  local open = {{name = '', parts = {}}}
  local function add(text) table.insert(open[#open].parts, text) end
  for text, closes, name, alone in mathml:gmatch('([^<]*)<(/?)(%w+)[^>]-(/?)>') do
    text = text:gsub('&#8289;', ''):gsub('&lt;', '<'):gsub('&gt;', '>'):gsub('&amp;', '&')
    if text ~= '' then add(SPACED[text] and ' ' .. text .. ' ' or text) end
    if closes == '' and alone == '' then
      table.insert(open, {name = name, parts = {}})
    elseif closes == '/' and #open > 1 then
      local done = table.remove(open)
      local signs, said = SIGNS[done.name], table.concat(done.parts)
      if signs then
        said = signs[1] .. (done.parts[1] or '')
        for place = 2, #done.parts do
          local part = done.parts[place]:match('^%s*(.-)%s*$')
          local sign = done.name == 'mover' and not part:match('^[%w(]') and '' or signs[place] or ''
          said = said .. sign .. (part:find(' ', 1, true) and '(' .. part .. ')' or part)
        end
        said = said .. (done.name == 'msqrt' and ')' or done.name == 'mroot' and ')' or '')
      elseif done.name == 'mtr' then said = table.concat(done.parts, ' ') .. '; '
      elseif done.name == 'mtable' then said = said:gsub('; $', '')
      elseif done.name == 'mspace' then said = ' '
      elseif done.name == 'annotation' then said = ''
      end
      add(said)
    end
  end
  return (table.concat(open[1].parts):gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', ''))
end

local function operand(text) return text:match('^[%w_]+$') and text or '(' .. text .. ')' end

-- Names of symbols that pandoc's Typst writer knows and Typst does not, and the symbols.
local SYMBOLS = {}
for name, symbol in ([[
  quote.angle.l.double « quote.angle.r.double » quote.angle.l.single ‹ quote.angle.r.single ›
  planck.reduce ħ Kai Ϗ kai ϗ franc ₣ sect ∩ sect.sq ⊓ sect.big ⋂ sect.double ⋒ sect.sq.big ⨅ sect.dot ⩀
  sect.and ⩄ sect.sq.double ⩎ integral.sect ⨙ minus.circle ⊖ times.circle ⊗ dot.circle ⊙ eq.circle ⊜
  dash.circle ⊝ plus.circle.arrow ⟴ bar.v.circle ⦶ parallel.circle ⦷ backslash.circle ⦸ perp.circle ⦹
  lt.circle ⧀ gt.circle ⧁ dot.circle.big ⨀ times.circle.big ⨂ div.circle ⨸ bracket.l.double ⟦
  bracket.r.double ⟧ shell.l.double ⟬ shell.r.double ⟭ brace.l.double ⦃ brace.r.double ⦄ paren.l.double ⦅
  paren.r.double ⦆ angle.right.sq ⦜ angle.spheric.top ⦡ angle.oblique ⦦
]]):gmatch('(%S+)%s+(%S+)') do SYMBOLS[name] = symbol end

-- pandoc writes as text what a phantom hides and what is scaled: as mathematics it has no markup.
local function as_mathematics(source)
  source = source:gsub('\\%[', '\2'):gsub('\\%]', '\3')
  source = source:gsub('(#hide)(%b[])', function(hide, hidden)
    return hide .. '[$' .. hidden:sub(2, -2) .. '$]'
  end):gsub('(#scale%b())%[([^%[%]\\]+)%]', '%1[$%2$]')
  return (source:gsub('\2', '\\['):gsub('\3', '\\]'))
end

local CLOSERS = {['{'] = '}', ['('] = ')', ['['] = ']'}

local function pair_up(source)
  local open = {}
  for sign in source:gsub('\\.', ''):gsub('"[^"]*"', ''):gmatch('[%[%](){}]') do
    if CLOSERS[sign] then
      table.insert(open, CLOSERS[sign])
    elseif table.remove(open) ~= sign then
      return false
    end
  end
  return #open == 0
end

-- What Typst understands of an equation that pandoc wrote, its texts left as they are.
local function understood(source)
  local parts, is_text = {}, false
  source = as_mathematics(source)
  local in_pairs = pair_up(source)
  for part, quote in source:gsub('\\"', '\1'):gmatch('([^"]*)("?)') do
    if not is_text then  -- where Typst looks for what is below a root's sign alone
      part = part:gsub('%a[%w.]*', SYMBOLS):gsub('\u{221a}', '"%0"')
      if not in_pairs then
        part = part:gsub('\\?([{}])', '\\%1'):gsub('%f[%a]lr%(([%[%]()])', 'lr(\\%1')
          :gsub('%f[\\[(]([%[(])%)', '\\%1)')
      end
      part = part:gsub('\u{221b}', '"%0"'):gsub('\u{221c}', '"%0"'):gsub(', %)', ', "")')
      part = part:gsub('(%a)%(%)', '%1("")')  -- what Typst's functions can't do without
    end
    table.insert(parts, part .. quote)
    is_text = quote == '"' and not is_text
  end
  return (table.concat(parts):gsub('delim: "||"', 'delim: "‖"'):gsub('\1', '\\"'))
end

-- What pandoc's Typst writer reads of an equation so that it comes out as TeX has it.
local function mended(tex)
  tex = tex:gsub('\u{fdd0}', ''):gsub('(%d){,}(%d)', '%1\\text{,}%2')  -- a comma that ends no clause
  tex = tex:gsub('\\begin{vmatrix}', '\\left|\\begin{matrix}')  -- which gets two bars otherwise
  return (tex:gsub('\\end{vmatrix}', '\\end{matrix}\\right|'))
end

local typeset = {}  -- Typst's equations by their kind and TeX

-- All equations at once, as each call of a writer takes longer than its work.
local function typeset_equations(documents)
  local made, asked = pandoc.Blocks{}, pandoc.List()
  for _, blocks in ipairs(documents) do
    blocks:walk{Math = function(element)
      local name = element.mathtype .. element.text
      if typeset[name] then return end
      typeset[name] = ''
      asked:insert(name)
      made:insert(pandoc.Plain{pandoc.Math(element.mathtype, mended(element.text))})
      made:insert(typst_block('\u{fdd0}'))
    end}
  end
  local number = 0
  for source in written(made):gmatch('(.-)\u{fdd0}') do
    number = number + 1
    source = understood(source:match('^%s*(.-)%s*$'))
    typeset[asked[number]] = source:gsub('(%d) upright%(","%) (%d)', '%1","%2')
  end
end

local function in_words(tex)
  local text = tex:gsub('(%d){,}(%d)', '%1\\text{,}%2')
  text = text:gsub('\\frac%s*(%b{})%s*(%b{})', function(above, below)  -- its writer knows none
    return operand(above:sub(2, -2)) .. ' / ' .. operand(below:sub(2, -2))
  end)
  local maths = pandoc.Pandoc{pandoc.Plain{pandoc.Math('InlineMath', text)}}
  local shown = pandoc.write(maths, 'plain')
  if shown:match('^%$') then
    shown = words_of(pandoc.write(maths, 'html', {html_math_method = 'mathml'}))
  end
  return (shown:gsub('%s+$', ''):gsub('([_^])%((%w)%)', '%1%2'))
end

local function letters(content)
  return plain(content:walk{Math = function(element) return pandoc.Str(in_words(element.text)) end})
end

-- pandoc's Typst writer has no alternative text for equations, and PDF/UA-1 wants one: the TeX.
local function equation(element)
  if target == 'plain' then return pandoc.Str(in_words(element.text)) end
  local source = typeset[element.mathtype .. element.text]
  if not source:match('^%$.*%$$') then return typst_inline('#raw(' .. typst_string(element.text) .. ');') end
  local block = element.mathtype == 'DisplayMath' and 'true' or 'false'
  return typst_inline('#math.equation(alt: ' .. typst_string(element.text)
    .. ', block: ' .. block .. ', ' .. source .. ');')
end

local function anchored(identifier)
  return identifier ~= '' and target == 'typst'
    and '#[#metadata(none)#label(' .. typst_string(identifier) .. ')];' or ''
end

local MARKS = {
  kbd = {'#box(stroke: 0.5pt + rule, inset: (x: 0.25em), outset: (y: 0.2em), radius: 2pt)[', '];'},
  mark = {'#highlight[', '];'},
}

local function span(element)
  if target == 'plain' then return element.content end
  local mark = MARKS[element.classes[1]] or {'', ''}
  return around(anchored(element.identifier) .. mark[1], element.content, mark[2], typst_inline)
end

local function div(element)
  local content = element.content:map(function(block)
    return block.t == 'Plain' and pandoc.Para(block.content) or block
  end)
  if target == 'plain' then return content end
  local side = (element.attributes.style or ''):match('text%-align:%s*(%a+)')
  if side == 'center' or side == 'right' then
    content = around('#align(' .. side .. ')[', content, ']', typst_block)
  end
  if element.classes:includes('alert') then
    local colour = element.classes:includes('alert-danger') and 'danger'
      or element.classes:includes('alert-warning') and 'warning' or 'accent'
    content = around('#aside(' .. colour .. ')[', content, ']', typst_block)
  end
  if element.identifier ~= '' then content:insert(1, typst_block(anchored(element.identifier))) end
  return content
end

local function image(element)
  local alt = plain(element.caption)
  if target == 'plain' then return pandoc.Str(alt) end
  if alt == '' then alt = 'A picture that the notebook does not describe in words' end
  local style = element.attributes.style or ''
  local function asked(side)  -- in pixels, of which a browser shows 96 in an inch, or in percent
    local length = element.attributes[side] or style:match('%f[%w-]' .. side .. ':%s*([%d.]+%a*%%?)') or ''
    local pixels, share = tonumber(length:match('^([%d.]+)p?x?$')), tonumber(length:match('^([%d.]+)%%$'))
    if pixels and pixels > 0 then return ', ' .. side .. ': ' .. math.min(pixels, 9999) * 0.75 .. 'pt' end
    if share and share > 0 then return ', ' .. side .. ': ' .. math.min(share, 100) .. '%' end
    return ''
  end
  return typst_inline('#in-line(' .. typst_string(element.src) .. ', ' .. typst_string(alt)
    .. asked('width') .. asked('height') .. ');')
end

local function code_block(block)
  if target == 'plain' then return pandoc.CodeBlock(block.text) end
  local language = block.classes[1]
  return typst_block('#raw(block: true, lang: ' .. (language and typst_string(language) or 'none')
    .. ', ' .. typst_string(breakable(block.text, 90)) .. ')')
end

local function link(element)
  local address = element.target
  if target == 'plain' then  -- where nothing leads back from a note
    return plain(element.content):find('^↩') and pandoc.Inlines{} or element.content
  end
  if address:sub(1, 1) == '#' then
    local before = anchored(element.identifier) .. '#leading(' .. typst_string(address:sub(2)) .. ')['
    return around(before, element.content, '];', typst_inline)
  end
  -- A PDF has no folder to look in.
  if #address > 2000 or not address:match('^%a[%w+.-]*:') then address = nil end
  local before = address and '#link(' .. typst_string(address) .. ')[' or ''
  return around(anchored(element.identifier) .. before, element.content, address and '];' or '', typst_inline)
end

local function quoted(element)
  local double = element.quotetype == 'DoubleQuote'
  local marks = double and {'“', '”'} or {'‘', '’'}
  return around(marks[1], element.content, marks[2], pandoc.Str)
end

local SIDES = {AlignLeft = 'left', AlignCenter = 'center', AlignRight = 'right'}

-- The table, with columns of numbers at the right where nothing else is said.
local function with_sides(found)
  local numbers, others = {}, {}
  for _, body in ipairs(found.bodies) do
    for _, row in ipairs(body.body) do
      for index, cell in ipairs(row.cells) do
        local text = plain(cell.contents):gsub('[%s ,−–%%]', '')
        local kind = text:match('^[-+]?[%d.]+[eE]?[-+]?%d*$') and numbers or others
        if text ~= '' then kind[index] = true end
      end
    end
  end
  found.colspecs = pandoc.List(found.colspecs):map(function(column, index)
    local is_bare = not SIDES[column[1]] and numbers[index] and not others[index]
    return {is_bare and 'AlignRight' or column[1], column[2]}
  end)
  found.attr = pandoc.Attr(found.identifier)
  return found
end

-- Marks the tables that stand in nothing else: only they may be given pages of their own.
local function with_own_marked(blocks)
  return pandoc.Blocks(blocks:map(function(block)
    if block.t == 'Table' then block.attributes.turns = 'true' end
    if block.t == 'Div' and not block.classes:includes('alert') then
      block.content = with_own_marked(block.content)
    end
    return block
  end))
end

local COLOUR = '#%x%x%x%x%x%x'

-- The fill that stands for a background: a colour, or a bar of some.
local function fill_of(style)
  local stops, bar = pandoc.List(), style:match('linear%-gradient%(90deg,([^()]*)%)') or ''
  local last = 0
  for colour, share in bar:gmatch('%s*(%S+)%s+(%d+%.?%d*)%%') do
    colour = colour == 'transparent' and '#ffffff' or colour
    local is_bar = colour:match('^' .. COLOUR .. '$') and tonumber(share) >= last and tonumber(share) <= 100
    if not is_bar then return nil end
    stops:insert('(rgb("' .. colour .. '"), ' .. share .. '%)')
    last = tonumber(share)
  end
  local alone = style:match('background%-color:%s*(' .. COLOUR .. ')%f[%X]')
  if #stops == 0 then return alone and 'rgb("' .. alone .. '")' end
  stops:insert(1, (stops[1]:gsub(',.*', ', 0%%)')))
  stops:insert((stops[#stops]:gsub(',.*', ', 100%%)')))
  return 'gradient.linear(' .. table.concat(stops, ', ') .. ')'
end

local function typst_cell(cell, source, is_strong)
  local settings, style = pandoc.List(), cell.attributes.style or ''
  local fill, ink = fill_of(style), style:match('%f[%w-]color:%s*[%a-]*%(?(' .. COLOUR .. ')%f[%X]')
  if fill then settings:insert('fill: ' .. fill) end
  if cell.col_span > 1 then settings:insert('colspan: ' .. cell.col_span) end
  if cell.row_span > 1 then settings:insert('rowspan: ' .. cell.row_span) end
  if SIDES[cell.alignment] then settings:insert('align: ' .. SIDES[cell.alignment]) end
  local body = '[' .. (ink and '#set text(fill: rgb("' .. ink .. '"));' or '') .. source .. ']'
  return 'table.cell(' .. table.concat(settings, ', ') .. ')'
    .. (is_strong and '[#strong' .. body .. ']' or body)
end

-- The cells of rows, in as many first columns strong; their contents are written at once, as each
-- call of a writer takes longer than its work.
local function typst_cells(rows, heads)
  local cells, contents, reaching = pandoc.List(), pandoc.Blocks{}, {}
  for _, row in ipairs(rows) do
    local column = 1
    for _, cell in ipairs(row.cells) do
      while (reaching[column] or 0) > 0 do
        reaching[column], column = reaching[column] - 1, column + 1
      end
      cells:insert{cell = cell, is_strong = column <= heads}
      contents:extend(cell.contents)
      contents:insert(typst_block(MARGIN))
      for _ = 1, cell.col_span do
        reaching[column], column = cell.row_span - 1, column + 1
      end
    end
  end
  local made, number = pandoc.List(), 0
  for source in written(contents):gmatch('(.-)' .. MARGIN) do
    number = number + 1
    local found = cells[number]
    made:insert(typst_cell(found.cell, source:match('^%s*(.-)%s*$'), found.is_strong) .. ', ')
  end
  return table.concat(made)
end

local function has_links(written)
  return written:find('#link', 1, true) or written:find('#leading', 1, true)
    or written:find('#footnote', 1, true)
end

-- A table as `typeset-table` of the page's template draws it.
local function typst_table(found)
  if #found.colspecs == 0 then return {} end
  local head, body, caption = typst_cells(found.head.rows, math.huge), '', found.caption.long
  for _, part in ipairs(found.bodies) do
    body = body .. typst_cells(part.head, math.huge)
      .. typst_cells(part.body, part.row_head_columns)
  end
  local sides = pandoc.List(found.colspecs):map(function(column)
    return (SIDES[column[1]] or 'auto') .. ', '
  end)
  return typst_block(anchored(found.identifier) .. '#typeset-table('
    .. (#caption > 0 and '[' .. written(caption) .. ']' or 'none')
    .. ', (' .. table.concat(sides) .. '), ' .. #found.head.rows
    .. ', (' .. head .. '), (' .. body .. typst_cells(found.foot.rows, math.huge) .. ')'
    .. (found.attributes.turns and ', turns: true' or '')
    .. (has_links(head) and ', repeats: false' or '') .. ')')
end

local function typst_heading(header)
  return typst_block('#heading(level: ' .. math.max(header.level - 1, 1) .. ')['
    .. written{pandoc.Plain(header.content)} .. ']'
    .. (header.identifier ~= '' and '#label(' .. typst_string(header.identifier) .. ')' or ''))
end

-- A heading stands in the contents too, where its anchors would be there twice; it needs words.
local function with_anchors_after(header)
  if not plain(header.content):find('%S') then return pandoc.Para(header.content) end
  local anchors = ''
  local function hoisted(element)
    anchors = anchors .. anchored(element.identifier)
    element.identifier = ''
    return element
  end
  local function followed(link)
    hoisted(link)
    return link.target:sub(1, 1) == '#' and link.content or link
  end
  header.content = header.content:walk{Span = hoisted, Link = followed, LineBreak = pandoc.Space}
  return anchors ~= '' and {header, typst_block(anchors)} or header
end

-- A formula on a line of its own would tear what is set in a line apart.
local function in_line(element)
  element.content = element.content:walk{Math = function(formula)
    return pandoc.Math('InlineMath', formula.text)
  end}
  return element
end

local function content(element) return element.content end
local function nothing() return {} end

-- First nothing raw, and what is made of words as they are; then what Typst can't mistake for markup.
local purify = {
  RawInline = nothing, RawBlock = nothing, Table = with_sides,
  Link = in_line, Subscript = in_line, Superscript = in_line,
}
local finish = {
  Math = equation, Link = link, CodeBlock = code_block, Span = span, Div = div,
  Quoted = quoted, Table = typst_table, Header = typst_heading,
  LineBreak = function() return typst_inline('#linebreak();') end,
  Str = function(str) return typst_inline('#' .. typst_string(breakable(str.text, 50)) .. ';') end,
  Code = function(code) return typst_inline('#raw(' .. typst_string(breakable(code.text, 80)) .. ');') end,
}
if target == 'plain' then  -- its writer shouts what is strong, and marks what is emphasised
  finish.Str, finish.Table, finish.Header, finish.LineBreak = nil, nil, nil, nil
  finish.Code = function(code) return pandoc.Str(code.text) end
  finish.Strong, finish.Emph, finish.Strikeout, finish.Underline = content, content, content, content
end

local unlinked = {Link = content}

local documents = pandoc.List(request.pieces):map(function(piece)
  return pandoc.read(piece.html, 'html', {}, {}).blocks:walk(purify)
end)
if target == 'typst' then typeset_equations(documents) end

local function answered(piece, position)
  local blocks = documents[position]:walk{Image = image, Header = with_anchors_after}
  if piece.form == 'prose' then
    blocks = with_own_marked(blocks)
  else
    blocks = blocks:walk{Header = function(header) return pandoc.Para{pandoc.Strong(header.content)} end}
  end
  if piece.form == 'inline' or piece.form == 'title' then
    blocks = pandoc.Blocks{pandoc.Plain(pandoc.utils.blocks_to_inlines(blocks, {pandoc.Space()}))}
  end
  local text, headings = piece.form == 'prose' and '' or letters(blocks), pandoc.List()
  blocks:walk{Header = function(header)
    local words = pandoc.Inlines(header.content):walk(unlinked):walk(finish)
    headings:insert{level = header.level, identifier = header.identifier,
                    plain = letters(header.content), source = written{pandoc.Plain(words)}}
  end}
  return {source = written(blocks:walk(finish)), plain = text, headings = headings}
end

io.write(pandoc.json.encode(pandoc.List(request.pieces):map(answered)))
