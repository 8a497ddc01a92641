#compdef tenfold
# zsh completion for tenfold. Load it with: source <(tenfold completion zsh)
_tenfold() {
  local line kind=none
  local -a values
  for line in "${(@f)$(tenfold __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :*) kind=${line#:} ;;
      ?*) values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( ${#values} )) && _describe 'tenfold' values
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _tenfold ]]; then
  _tenfold "$@"
else
  compdef _tenfold tenfold
fi
