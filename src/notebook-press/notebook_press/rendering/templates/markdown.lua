-- Markdown pieces in (JSON on standard input), HTML, Typst or plain text out (JSON on standard
-- output).
-- Run by `pandoc lua`. Each piece is read on its own, so what is left open in one ends with it.

local request = pandoc.json.decode(io.read('a'), false)
local target = request.target
local reader = 'gfm+tex_math_dollars+smart-raw_html-footnotes-yaml_metadata_block'
local options = pandoc.WriterOptions{html_math_method = 'mathml', wrap_text = 'none'}

local taken = {}  -- every identifier on the page
for _, identifier in ipairs(request.identifiers) do taken[identifier] = true end
local level = 1  -- of the last heading; the title is level 1
local alone = true  -- whether the piece at hand is typeset the same whatever stands around it

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

local function plain(inlines) return pandoc.utils.stringify(inlines) end

local function unique(identifier)
  local base = identifier ~= '' and identifier or 'section'
  local candidate, count = base, 0
  while taken[candidate] do
    count = count + 1
    candidate = base .. '-' .. count
    alone = false
  end
  taken[candidate] = true
  return candidate
end

-- Levels never skip one downwards: readers of headings alone would look for what is missing.
local function place_heading(header)
  level = math.min(math.max(header.level, 2), level + 1)
  header.level = level
  header.attr = pandoc.Attr(unique(header.identifier))
  return header
end

local function as_text(text)
  if text:match('^%s*<!%-%-.*%-%->%s*$') then return pandoc.Inlines{} end
  local inlines = pandoc.Inlines{}
  for line in text:gmatch('[^\n]+') do
    if #inlines > 0 then inlines:insert(pandoc.SoftBreak()) end
    inlines:insert(pandoc.Str(line))
  end
  return inlines
end

-- First pass, for both targets: nothing raw, no image or link but those that may stay.
local function purify(images)
  return {
    RawInline = function(raw) return as_text(raw.text) end,
    RawBlock = function(raw)
      local inlines = as_text(raw.text)
      if #inlines == 0 then return {} end
      return pandoc.Para(inlines)
    end,
    Span = function(span) return span.content end,
    Div = function(div)
      local first = div.content[1]
      if first and first.t == 'Div' and first.classes:includes('title') then
        local title = pandoc.utils.blocks_to_inlines(first.content)
        div.content[1] = pandoc.Para{pandoc.Strong(title)}
        return pandoc.BlockQuote(div.content)
      end
      if not div.classes:includes('title') then return div.content end
    end,
    Quoted = function(quoted)
      local marks = quoted.quotetype == 'DoubleQuote' and {'“', '”'} or {'‘', '’'}
      local inlines = pandoc.Inlines{pandoc.Str(marks[1])}
      inlines:extend(quoted.content)
      inlines:insert(pandoc.Str(marks[2]))
      return inlines
    end,
    Image = function(image)
      local source = images[image.src]
      if not source then  -- only what a notebook holds is shown: nothing is read or fetched
        local said = pandoc.Inlines('[Picture not in the notebook')
        if #image.caption > 0 then
          said:insert(pandoc.Str(': '))
          said:extend(image.caption)
        end
        said:insert(pandoc.Str(']'))
        return said
      end
      local alt = plain(image.caption)
      if alt == '' then alt = 'A picture that the notebook does not describe in words' end
      if target == 'typst' then
        return typst_inline(
          '#box(image(' .. typst_string(source) .. ', alt: ' .. typst_string(alt) .. '));')
      end
      return pandoc.Image({pandoc.Str(alt)}, source)
    end,
    CodeBlock = function(block)
      if target == 'typst' then
        local language = block.classes[1]
        return pandoc.RawBlock('typst', '#raw(block: true, lang: '
          .. (language and typst_string(language) or 'none')
          .. ', ' .. typst_string(block.text) .. ')')
      end
      return pandoc.CodeBlock(block.text)
    end,
  }
end

local function nested_heading(header) return pandoc.Para{pandoc.Strong(header.content)} end

local function written(blocks)
  local source = pandoc.write(pandoc.Pandoc(blocks), target, options):gsub('%s+$', '')
  -- A table in the text is no figure, and stands at the left. (Line breaks in what authors write
  -- are escaped, so these can only be pandoc's.)
  if target == 'typst' then
    source = source:gsub('#figure%(\n  align%(center%)%[#table', '#block(width: 100%%)[#table')
    source = source:gsub('%)%]\n  , kind: table\n  %)', ')]')
  end
  return source
end

local function operand(text) return text:match('^[%w_]+$') and text or '(' .. text .. ')' end

-- pandoc's Typst writer has no alternative text for equations, and PDF/UA-1 wants one: the TeX.
local function equation(element)
  element.text = element.text:gsub('%s*\\label%s*%b{}', '')  -- nothing here can refer to it
  if not element.text:find('%S') then return pandoc.Inlines{} end
  if target == 'plain' then
    local text = element.text:gsub('(%d){,}(%d)', '%1\\text{,}%2')
    text = text:gsub('\\frac%s*(%b{})%s*(%b{})', function(above, below)  -- its writer knows none
      return operand(above:sub(2, -2)) .. ' / ' .. operand(below:sub(2, -2))
    end)
    local shown = pandoc.write(pandoc.Pandoc{pandoc.Plain{pandoc.Math('InlineMath', text)}}, 'plain')
    return pandoc.Str((shown:gsub('%s+$', ''):gsub('([_^])%((%w)%)', '%1%2')))
  end
  local shown = element
  if target == 'typst' then  -- its writer spaces the comma of 1{,}000 as if it ended a clause
    shown = pandoc.Math(element.mathtype, (element.text:gsub('(%d){,}(%d)', '%1\\text{,}%2')))
  end
  local source = written{pandoc.Plain{shown}}
  source = source:gsub('(%d) upright%(","%) (%d)', '%1","%2')
  if target == 'html' then
    if source:find('<math', 1, true) then return element end
    return pandoc.Code(element.text)
  end
  if not source:match('^%$.*%$$') then return typst_inline('#raw(' .. typst_string(element.text) .. ');') end
  local block = element.mathtype == 'DisplayMath' and 'true' or 'false'
  return typst_inline('#math.equation(alt: ' .. typst_string(element.text)
    .. ', block: ' .. block .. ', ' .. source .. ');')
end

local function linked(link)
  local address = link.target
  if #address > 2000 then return link.content end  -- nobody follows it, and a PDF can't hold it
  local scheme = address:match('^%s*([%w+.-]+):')
  if address:sub(1, 1) == '#' then
    alone = false
    if not taken[address:sub(2)] then return link.content end
    if target == 'typst' then
      local inlines = pandoc.Inlines{typst_inline('#link(label(' .. typst_string(address:sub(2)) .. '))[')}
      inlines:extend(link.content)
      inlines:insert(typst_inline('];'))
      return inlines
    end
  elseif scheme then
    scheme = scheme:lower()
    if scheme ~= 'https' and scheme ~= 'http' and scheme ~= 'mailto' then return link.content end
  elseif target == 'typst' or address:match('^[/\\%s]') then
    return link.content  -- a PDF has no folder to look in; `//host` is an address in disguise
  end
  if target == 'typst' then
    local inlines = pandoc.Inlines{typst_inline('#link(' .. typst_string(address) .. ')[')}
    inlines:extend(link.content)
    inlines:insert(typst_inline('];'))
    return inlines
  end
  return pandoc.Link(link.content, address)
end

-- Second pass: what needs to know every identifier, and (for Typst) text that can't be markup.
local finish = {Math = equation, Link = linked}
if target == 'typst' then
  finish.Str = function(str) return typst_inline('#' .. typst_string(breakable(str.text, 50)) .. ';') end
  finish.Code = function(code) return typst_inline('#raw(' .. typst_string(breakable(code.text, 80)) .. ');') end
end

if target == 'plain' then  -- its writer shouts what is strong, and marks what is emphasised
  local function content(element) return element.content end
  finish = {
    Math = equation, Link = content, Strong = content, Emph = content, Strikeout = content,
    Code = function(code) return pandoc.Str(code.text) end,
  }
end

-- Whether what was typeset ahead stands here too: its headings have their level and their anchors.
local function stands(known)
  if not known or #known.identifiers > 0 and known.before ~= level then return false end
  for _, identifier in ipairs(known.identifiers) do
    if taken[identifier] then return false end
  end
  for _, identifier in ipairs(known.identifiers) do taken[identifier] = true end
  if #known.identifiers > 0 then level = known.after end
  return true
end

local function read(piece)
  local before, headings, identifiers = level, {}, pandoc.List()
  alone = true
  -- The last argument names the files that reading may open: none.
  local blocks = pandoc.read(piece.markdown .. '\n', reader, {}, {}).blocks:walk(purify(piece.images))
  blocks = blocks:map(function(block)
    if block.t == 'Header' and not plain(block.content):find('%S') then
      return pandoc.Para(block.content)
    end
    if block.t == 'Header' and piece.form == 'prose' then
      local header = place_heading(block)
      headings[#headings + 1] = {level = header.level, identifier = header.identifier,
                                 plain = plain(header.content), content = header.content}
      identifiers:insert(header.identifier)
      return header
    end
    if block.t == 'Header' then return nested_heading(block) end
    return block:walk{Header = nested_heading}
  end)
  return {blocks = pandoc.Blocks(blocks), headings = headings, alone = alone,
          place = {before = before, after = level, identifiers = identifiers}}
end

local documents = {}
for position, piece in ipairs(request.pieces) do
  if piece.markdown ~= '' and not stands(piece.known) then documents[position] = read(piece) end
end

local function typst_heading(header)
  return pandoc.RawBlock('typst', '#heading(level: ' .. (header.level - 1) .. ')['
    .. written{pandoc.Plain(header.content)} .. ']#label(' .. typst_string(header.identifier) .. ')')
end

local unlinked = {Link = function(link) return link.content end}

local nothing = {source = '', plain = '', headings = pandoc.List(), alone = true,
                 place = {before = 1, after = 1, identifiers = pandoc.List()}}

local function answered(piece, document)
  if piece.markdown == '' then return nothing end
  if not document then return 'stands' end
  alone = document.alone
  local blocks = document.blocks
  if piece.form == 'title' then blocks = blocks:walk(unlinked) end
  if piece.form == 'inline' or piece.form == 'title' then
    blocks = pandoc.Blocks{pandoc.Plain(pandoc.utils.blocks_to_inlines(blocks, {pandoc.Space()}))}
  end
  local text = plain(blocks)
  blocks = blocks:walk(finish)
  if target == 'typst' then blocks = blocks:walk{Header = typst_heading} end
  local headings = pandoc.List()
  for _, heading in ipairs(document.headings) do
    headings:insert{
      level = heading.level, identifier = heading.identifier, plain = heading.plain,
      source = written{pandoc.Plain(pandoc.Inlines(heading.content):walk(unlinked):walk(finish))},
    }
  end
  return {source = written(blocks), plain = text, headings = headings, alone = alone,
          place = document.place}
end

local answer = pandoc.List()
for position, piece in ipairs(request.pieces) do
  answer:insert(answered(piece, documents[position]))
end
io.write(pandoc.json.encode(answer))
